using System.Runtime.CompilerServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs.Fields;

/// <summary>
/// Objects field by field, including those of base types; no constructor runs. A description before the first object of a type lists its fields.
/// </summary>
/// <param name="type">The type.</param>
/// <param name="below">The base whose fields are omitted, with those of its own bases; null for none.</param>
internal sealed class FieldsPlan(Type type, Type? below = null) : ObjectPlan(type)
{
    /// <summary>Number of objects of a type after which a method is emitted: that takes longer than writing a few by reflection.</summary>
    public const int Few = 8;

    private readonly TypeShape _shape = new(type, below);
    private readonly bool _isFunction = FSharpFunctions.Contains(type);
    private WriteFields? _write;
    private ReadFields? _read;
    private int _written;
    private int _made;

    public override NodeTag Tag => NodeTag.Fields;

    public override void Write(ObjectWriter writer, object value)
    {
        if (writer.IsFirst(this)) _shape.Write(writer);
        if (_write is null && _written++ < Few) WriteSlots(_shape, writer, value);
        else (_write ??= new FieldsEmitter(_shape).Write())(writer, value);
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        input.Charge(1, _shape.InstanceSize);
        if (_isFunction) reader.CountFunction();
        var value = RuntimeHelpers.GetUninitializedObject(Type);
        reader.Register(id, value);
        ReadInto(reader, ref input, value);
        return value;
    }

    /// <summary>Reads the fields of an existing object.</summary>
    public void ReadInto(ObjectReader reader, ref ByteReader input, object value)
    {
        if (reader.ShapeOf(this, _shape, ref input) is { IsSame: false } written) written.ReadInto(reader, value, ref input);
        else if (_read is null && _made++ < Few) ReadSlots(_shape, reader, ref input, value);
        else (_read ??= new FieldsEmitter(_shape).Read())(reader, ref input, value);
    }

    /// <summary>Writes the fields of an object or a boxed struct by reflection.</summary>
    public static void WriteSlots(TypeShape shape, ObjectWriter writer, object value)
    {
        foreach (var slot in shape.Slots)
        {
            writer.Push(slot.Field.Name);
            writer.WriteSlot(slot.Plan, slot.Field.GetValue(value));
            writer.Pop();
        }
    }

    /// <summary>Reads the fields of an object or a boxed struct by reflection.</summary>
    public static void ReadSlots(TypeShape shape, ObjectReader reader, ref ByteReader input, object value)
    {
        foreach (var slot in shape.Slots) slot.Set(value, reader.ReadSlot(slot.Plan, ref input));
    }
}
