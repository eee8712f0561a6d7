using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs;

/// <summary>
/// A struct in a field that can be sent only if it was never set or if the configuration admits it. An example is a cancellation token that the closure cleaner
/// dropped. A byte says which.
/// </summary>
internal sealed class GuardedPlan(ObjectPlan inner) : ObjectPlan(inner.Type)
{
    private readonly int _size = TypeLayout.SizeOf(inner.Type);

    public override void Write(ObjectWriter writer, object value)
    {
        if (IsUnset(value))
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

    // By its bytes: the struct's own Equals may return or throw anything.
    private bool IsUnset(object value) => !MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<Box>(value).Start, _size).ContainsAnyExcept((byte)0);

    /// <summary>Any boxed struct.</summary>
    private sealed class Box
    {
#pragma warning disable CS0649 // the runtime lays it over the struct
        public byte Start;
#pragma warning restore CS0649
    }
}
