#pragma warning disable MA0048 // a slot is a part of the shape
using System.Buffers.Binary;
using System.Text;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs;

/// <summary>A written field, and the current field that receives its value; null if that field no longer exists.</summary>
internal sealed record WrittenSlot(string Level, string Name, SlotKind Kind, int Size)
{
    public bool IsReference => Kind == SlotKind.Reference;

    /// <summary>The type of a struct in place.</summary>
    public NamedType? Type { get; init; }

    public FieldSlot? Target { get; set; }
}

/// <summary>
/// The written fields of a type. If they differ from the current ones, each value goes to the field of the same name in the class of the same name. If there is
/// none, it goes to the only field of that name; otherwise it is dropped. Fields without a written value keep their default.
/// </summary>
internal sealed class WrittenShape
{
    // Beside its name.
    private const int BytesOfSlot = 128;

    private static readonly WrittenShape Same = new([]);

    private WrittenShape(WrittenSlot[] slots) => Slots = slots;

    /// <summary>Whether the fields are exactly the current ones.</summary>
    public bool IsSame => ReferenceEquals(this, Same);

    public WrittenSlot[] Slots { get; }

    /// <summary>Reads the description; <paramref name="here"/> is null if the type is unknown.</summary>
    public static WrittenShape Read(ObjectReader reader, TypeShape? here, ref ByteReader input)
    {
        var description = input.ReadRaw(input.ReadCount());
        if (here is not null && here.Matches(description))
        {
            var isSame = true;
            Queue<NamedType>? types = null;
            foreach (var slot in here.Slots)
            {
                if (slot.Plan is null) continue;
                var type = ReadType(reader, slot.Kind, ref input);
                isSame &= type.Found == slot.Field.FieldType && (type.LayoutError is null || slot.Kind == SlotKind.Fields);
                (types ??= new Queue<NamedType>()).Enqueue(type);
            }

            return isSame
                ? Same
                : Map(Array.ConvertAll(Parse(description, ref input), slot => slot.IsReference ? slot : slot with { Type = types!.Dequeue() }), here);
        }

        var slots = Parse(description, ref input);
        for (var i = 0; i < slots.Length; i++)
        {
            if (!slots[i].IsReference) slots[i] = slots[i] with { Type = ReadType(reader, slots[i].Kind, ref input) };
        }

        return here is null ? new WrittenShape(slots) : Map(slots, here);
    }

    /// <summary>Reads the fields of one object, or of a boxed struct.</summary>
    public void ReadInto(ObjectReader reader, object target, ref ByteReader input)
    {
        foreach (var slot in Slots)
        {
            if (slot.Target is { } field) field.Set(target, ReadValue(reader, slot, field, ref input));
            else reader.Drop(slot, ref input);
        }
    }

    private static object? ReadValue(ObjectReader reader, WrittenSlot slot, FieldSlot field, ref ByteReader input)
    {
        if (slot.IsReference) return reader.Read(ref input);
        var type = slot.Type!.Type;
        var plan = FieldSlot.PlanOf(type);
        if (FieldSlot.KindOf(plan) != slot.Kind || (slot.Kind == SlotKind.Fixed && (TypeLayout.SizeOf(type) != slot.Size || slot.Type.LayoutError is not null)))
        {
            throw new SerializationException(
                $"{field.Name} of {field.Field.DeclaringType} was written as a {type} that has another layout than here: deploy the same build everywhere.");
        }

        return reader.ReadSlot(plan, ref input);
    }

    private static NamedType ReadType(ObjectReader reader, SlotKind kind, ref ByteReader input)
    {
        var type = reader.Types.Read(ref input);
        if (kind == SlotKind.Guarded || type.Found is not { } found) return type;
        if (!found.IsValueType || found.ContainsGenericParameters || Nullable.GetUnderlyingType(found) is not null)
            throw new SerializationException($"{found} was found where a struct is expected.");
        reader.Admit(found);
        return type;
    }

    private static WrittenSlot[] Parse(ReadOnlySpan<byte> description, ref ByteReader input)
    {
        var slots = new List<WrittenSlot>();
        var level = "";
        while (description.Length > 0)
        {
            var end = description.IndexOfAnyInRange((byte)0, (byte)(' ' - 1));
            if (end < 0 || (SlotKind)description[end] is < SlotKind.Reference or > SlotKind.Base)
                throw new SerializationException("The input does not describe the fields of a type.");
            input.Charge(1, BytesOfSlot);
            var (name, kind) = (Encoding.UTF8.GetString(description[..end]), (SlotKind)description[end]);
            description = description[(end + 1)..];
            if (kind == SlotKind.Base) level = name;
            else slots.Add(new WrittenSlot(level, name, kind, kind == SlotKind.Fixed ? ReadSize(ref description) : 0));
        }

        return [.. slots];
    }

    private static int ReadSize(ref ReadOnlySpan<byte> description)
    {
        var bytes = description.Length > 0 && description[0] < 0xFF ? 1 : 1 + sizeof(int);
        if (description.Length < bytes) throw new SerializationException("The input does not describe the fields of a type.");
        var size = bytes == 1 ? description[0] : BinaryPrimitives.ReadInt32LittleEndian(description[1..]);
        description = description[bytes..];
        return size > 0 ? size : throw new SerializationException("The input describes a struct of size 0.");
    }

    private static WrittenShape Map(WrittenSlot[] written, TypeShape here)
    {
        var left = here.Slots.ToList();
        foreach (var slot in written) Take(slot, left.Find(field => IsSameLevel(field, slot) && IsNamed(field, slot.Name)));
        foreach (var slot in written.Where(slot => slot.Target is null).ToArray())
        {
            var isOnly = written.Count(other => other.Target is null && string.Equals(other.Name, slot.Name, StringComparison.Ordinal)) == 1;
            var fields = left.FindAll(field => IsNamed(field, slot.Name));
            if (isOnly && fields.Count == 1) Take(slot, fields[0]);
        }

        return new WrittenShape(written);

        void Take(WrittenSlot slot, FieldSlot? field)
        {
            slot.Target = field;
            if (field is not null) left.Remove(field);
        }
    }

    private static bool IsSameLevel(FieldSlot field, WrittenSlot slot) => string.Equals(field.Level, slot.Level, StringComparison.Ordinal);

    private static bool IsNamed(FieldSlot field, string name) =>
        string.Equals(field.Name, name, StringComparison.Ordinal)
            || Array.Exists(field.FormerNames, former => string.Equals(former, name, StringComparison.Ordinal));
}
