using System.Buffers.Binary;
using System.Text;

namespace Sparkish.Serialization.Graphs;

/// <summary>
/// The written fields of a type, and their description, which precedes the first object of the type in a graph. The description has the name and the
/// <see cref="SlotKind"/> of each field, then the types of the structs among them. Another version of the type matches its own fields by these names.
/// </summary>
internal sealed class TypeShape
{
    private readonly byte[] _description;

    public TypeShape(Type type, Type? below = null)
    {
        Type = type;
        var slots = new List<FieldSlot>();
        var levels = new HashSet<string>(StringComparer.Ordinal);
        for (var part = type; part is not null && part != (below ?? typeof(object)); part = part.BaseType)
        {
            var level = part == type ? "" : levels.Add(part.Name) ? part.Name : part.FullName ?? part.Name;
            slots.AddRange(FieldSlot.Of(part).Select(field => new FieldSlot(field, level)));
        }

        Slots = [.. slots];
        _description = Describe(Slots);
        InstanceSize = 16 + slots.Sum(slot => slot.Plan is null ? IntPtr.Size : slot.Size);
    }

    public Type Type { get; }

    public FieldSlot[] Slots { get; }

    /// <summary>Approximate memory size of an object.</summary>
    public int InstanceSize { get; }

    public bool Matches(ReadOnlySpan<byte> description) => description.SequenceEqual(_description);

    public void Write(ObjectWriter writer)
    {
        writer.Output.WriteCount(_description.Length);
        writer.Output.WriteRaw(_description);
        foreach (var slot in Slots)
        {
            if (slot.Plan is null) continue;
            if (slot.Kind != SlotKind.Guarded)
            {
                writer.Push(slot.Field.Name);
                writer.Admit(slot.Field.FieldType);
                writer.Pop();
            }

            writer.Types.Write(writer.Output, slot.Field.FieldType);
        }
    }

    private static byte[] Describe(FieldSlot[] slots)
    {
        var bytes = new List<byte>();
        var level = "";
        Span<byte> size = stackalloc byte[sizeof(int)];
        foreach (var slot in slots)
        {
            if (!string.Equals(slot.Level, level, StringComparison.Ordinal))
            {
                Add(level = slot.Level, SlotKind.Base);
            }

            Add(slot.Name, slot.Kind);
            if (slot.Kind != SlotKind.Fixed) continue;
            BinaryPrimitives.WriteInt32LittleEndian(size, slot.Size);
            bytes.AddRange(slot.Size < 0xFF ? [(byte)slot.Size] : [0xFF, .. size]);
        }

        return [.. bytes];

        // A kind ends a name, so a name contains no characters that could be a kind.
        void Add(string name, SlotKind kind) =>
            bytes.AddRange([.. Encoding.UTF8.GetBytes(string.Concat(name.Select(static c => c < ' ' ? (char)('\u2400' + c) : c))), (byte)kind]);
    }
}
