using System.Collections.Frozen;

namespace Sparkish.Serialization.Schemas;

/// <summary>A value of a fixed size.</summary>
internal sealed class FixedNode : SchemaNode
{
    private static readonly FrozenDictionary<string, FixedNode> Known = new FixedNode[]
    {
        new("bool", FixedKind.Bool, 1), new("sbyte", FixedKind.SByte, 1), new("byte", FixedKind.Byte, 1),
        new("short", FixedKind.Short, 2), new("ushort", FixedKind.UShort, 2), new("int", FixedKind.Int, 4), new("uint", FixedKind.UInt, 4),
        new("long", FixedKind.Long, 8), new("ulong", FixedKind.ULong, 8), new("Int128", FixedKind.Int128, 16), new("UInt128", FixedKind.UInt128, 16),
        new("Half", FixedKind.Half, 2), new("float", FixedKind.Float, 4), new("double", FixedKind.Double, 8), new("decimal", FixedKind.Decimal, 16),
        new("char", FixedKind.Char, 2), new("Rune", FixedKind.Rune, 4), new("Guid", FixedKind.Guid, 16),
        new("DateTime", FixedKind.DateTime, 8), new("DateTimeOffset", FixedKind.DateTimeOffset, 10), new("DateOnly", FixedKind.DateOnly, 4),
        new("TimeOnly", FixedKind.TimeOnly, 8), new("TimeSpan", FixedKind.TimeSpan, 8),
        new("Index", FixedKind.Bytes, 4), new("Range", FixedKind.Bytes, 8), new("Complex", FixedKind.Bytes, 16),
        new("Vector2", FixedKind.Bytes, 8), new("Vector3", FixedKind.Bytes, 12), new("Vector4", FixedKind.Bytes, 16),
        new("Quaternion", FixedKind.Bytes, 16), new("Plane", FixedKind.Bytes, 16), new("Matrix3x2", FixedKind.Bytes, 24), new("Matrix4x4", FixedKind.Bytes, 64),
    }.ToFrozenDictionary(static node => node.Name, StringComparer.Ordinal);

    private FixedNode(string name, FixedKind kind, int size) => (Name, Kind, Size) = (name, kind, size);

    public string Name { get; }

    public FixedKind Kind { get; }

    public int Size { get; }

    public static FixedNode? Find(string name) => Known.GetValueOrDefault(name);

    public override void Skip(ref SchemaInput input) => input.Take(Size);

    public override string ToString() => Name;
}
