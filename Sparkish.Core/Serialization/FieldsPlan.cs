using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization;

/// <summary>
/// Objects field by field, those of base types too; no constructor runs. Before the first object of a type stand the number of its fields
/// and a hash of their names and types, so that two versions of a type do not take each other's fields.
/// </summary>
internal sealed class FieldsPlan : ObjectPlan
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private readonly Slot[] _slots;
    private readonly uint _hash;

    public FieldsPlan(Type type, Type? below = null) : base(type)
    {
        var fields = new List<FieldInfo>();
        for (var part = type; part is not null && part != (below ?? typeof(object)); part = part.BaseType)
        {
            var sent = part.GetFields(Declared).Where(field => !field.IsDefined(typeof(NonSerializedAttribute)));
            fields.AddRange(sent.OrderBy(field => field.Name, StringComparer.Ordinal));
        }

        _slots = [.. fields.Select(field => new Slot(field, PlanOf(field.FieldType)))];
        _hash = Hash(fields);
    }

    public override void Write(ObjectWriter writer, object value)
    {
        if (writer.IsFirst(this))
        {
            writer.Output.WriteCount(_slots.Length);
            writer.Output.WriteUnmanaged(_hash);
        }

        foreach (var slot in _slots)
        {
            writer.Push(slot.Field.Name);
            writer.WriteSlot(slot.Structure, slot.Field.GetValue(value));
            writer.Pop();
        }
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        var value = RuntimeHelpers.GetUninitializedObject(Type);
        reader.Register(id, value);
        ReadInto(reader, ref input, value);
        return value;
    }

    public void ReadInto(ObjectReader reader, ref ByteReader input, object value)
    {
        if (reader.IsFirst(this))
        {
            var count = input.ReadCount(minBytesEach: 0);
            if (count != _slots.Length || input.ReadUnmanaged<uint>() != _hash)
            {
                throw new SerializationException($"{Type} has other fields here than where it was written: deploy the same build everywhere.");
            }
        }

        foreach (var slot in _slots) slot.Field.SetValue(value, reader.ReadSlot(slot.Structure, ref input));
    }

    private static ObjectPlan? PlanOf(Type type) =>
        ObjectPlans.InPlace(type) is var plan && plan is RefusedPlan refused ? new DefaultOnlyPlan(refused) : plan;

    private static uint Hash(List<FieldInfo> fields)
    {
        // FNV-1a: string.GetHashCode differs from process to process.
        var hash = 2166136261u;
        var shape = string.Join(';', fields.Select(field => $"{field.Name}:{field.FieldType}"));
        foreach (var character in shape) hash = (hash ^ character) * 16777619u;
        return hash;
    }

    private sealed record Slot(FieldInfo Field, ObjectPlan? Structure);
}
