namespace Sparkish.Serialization.Graphs;

/// <summary>A type that cannot be sent or created.</summary>
internal sealed class RefusedPlan(Type type, string reason) : ObjectPlan(type)
{
    public string Reason => reason;

    public override void Write(ObjectWriter writer, object value) => throw writer.Refuse(reason, Type);

    public override object Read(ObjectReader reader, ref ByteReader input, int id) => throw new SerializationException($"{reason}.");
}
