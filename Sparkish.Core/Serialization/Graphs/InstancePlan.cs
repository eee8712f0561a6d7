namespace Sparkish.Serialization.Graphs;

/// <summary>A singleton that every process has.</summary>
internal sealed class InstancePlan(object instance) : ObjectPlan(instance.GetType())
{
    public override void Write(ObjectWriter writer, object value) { }

    public override object Read(ObjectReader reader, ref ByteReader input, int id) => instance;
}
