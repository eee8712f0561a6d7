namespace Sparkish.Serialization.Graphs.Fields;

/// <summary>The fields that the classes below a framework's collection declare.</summary>
internal sealed class DerivedFields
{
    private readonly FieldsPlan _fields;

    private DerivedFields(Type type, Type below) => _fields = new FieldsPlan(type, below);

    /// <summary>The fields of a derived type; null if the type is the collection itself.</summary>
    public static DerivedFields? Of(Type type, Type below) => type == below ? null : new(type, below);

    public void Write(ObjectWriter writer, object value) => _fields.Write(writer, value);

    public void Read(ObjectReader reader, ref ByteReader input, object value) => _fields.ReadInto(reader, ref input, value);
}
