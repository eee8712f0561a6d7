using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Graphs;

/// <summary>
/// A struct in a field that cannot be sent unless it was never set, such as a cancellation token that the closure cleaner dropped, or unless the
/// configuration admits it: a byte says which.
/// </summary>
internal sealed class GuardedPlan(ObjectPlan inner) : ObjectPlan(inner.Type)
{
    private readonly object _unset = RuntimeHelpers.GetUninitializedObject(inner.Type);

    public override void Write(ObjectWriter writer, object value)
    {
        if (value.Equals(_unset))
        {
            writer.Output.WriteByte(0);
            return;
        }

        if (inner is not RefusedPlan) writer.Admit(Type);
        writer.Output.WriteByte(1);
        inner.Write(writer, value);
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        if (!Presence.Read(ref input)) return RuntimeHelpers.GetUninitializedObject(Type);
        if (inner is not RefusedPlan) reader.Admit(Type);
        return inner.Read(reader, ref input, id);
    }
}
