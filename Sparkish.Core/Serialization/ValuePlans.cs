#pragma warning disable MA0048 // plans of a few lines stand together
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization;

/// <summary>A type that cannot be sent or made.</summary>
internal sealed class RefusedPlan(Type type, string reason) : ObjectPlan(type)
{
    public string Reason => reason;

    public override void Write(ObjectWriter writer, object value) => throw writer.Refuse(reason, Type);

    public override object Read(ObjectReader reader, ref ByteReader input, int id) => throw new SerializationException($"{reason}.");
}

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

/// <summary>A plain object, such as a lock or a marker.</summary>
internal sealed class BareObjectPlan() : ObjectPlan(typeof(object))
{
    public override void Write(ObjectWriter writer, object value) { }

    public override object Read(ObjectReader reader, ref ByteReader input, int id) => new();
}

/// <summary>An object that every process has one of.</summary>
internal sealed class InstancePlan(object instance) : ObjectPlan(instance.GetType())
{
    public override void Write(ObjectWriter writer, object value) { }

    public override object Read(ObjectReader reader, ref ByteReader input, int id) => instance;
}

/// <summary>Marks the plans of values that take as many bytes in the input as in memory.</summary>
internal interface IFixedSizePlan;

/// <summary>A value without references.</summary>
internal sealed class UnmanagedPlan<T> : ValuePlan<T>, IFixedSizePlan where T : struct
{
    private readonly Codec<T> _codec = Codec.For<T>();

    public override bool IsShared => false;

    public override void WriteValue(ObjectWriter writer, in T value) => _codec.Write(writer.Output, value);

    public override void ReadValue(ObjectReader reader, ref ByteReader input, ref T value) => value = _codec.Read(ref input);

    public override void Write(ObjectWriter writer, object value) => _codec.Write(writer.Output, Unsafe.Unbox<T>(value));

    public override object Read(ObjectReader reader, ref ByteReader input, int id) => _codec.Read(ref input);
}

/// <summary>Objects that are written as a value with a codec and made from it.</summary>
internal sealed class SurrogatePlan<T, TState>(Func<T, TState> toState, Func<TState, T> fromState) : ObjectPlan(typeof(T))
    where T : notnull
    where TState : notnull
{
    public override bool IsLate => true;

    public override void Write(ObjectWriter writer, object value) => Codec.For<TState>().Write(writer.Output, toState((T)value));

    public override object Read(ObjectReader reader, ref ByteReader input, int id) => fromState(Codec.For<TState>().Read(ref input));
}

/// <summary>
/// Objects whose type names a codec. The type in the graph is the one that the codec is written for: what arrives may be of another class
/// than what was sent, as a ref is.
/// </summary>
internal sealed class CodecPlan<T>() : ObjectPlan(typeof(T)) where T : notnull
{
    public override bool IsLate => true;

    public override void Write(ObjectWriter writer, object value)
    {
        try
        {
            Codec.For<T>().Write(writer.Output, (T)value);
        }
        catch (SerializationException e)
        {
            throw writer.Refuse(e.Message.TrimEnd('.'));
        }
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id) => Codec.For<T>().Read(ref input);
}

/// <summary>Types as values.</summary>
internal sealed class TypePlan() : ObjectPlan(typeof(Type))
{
    public override bool IsLate => true;

    public override void Write(ObjectWriter writer, object value)
    {
        if (writer.Admission.ValueRefusal((Type)value) is { } reason) throw writer.Refuse(reason, Type);
        writer.Types.Write(writer.Output, (Type)value);
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        var named = reader.Types.Read(ref input).Type;
        return reader.Admission.ValueRefusal(named) is { } reason ? throw new SerializationException($"{reason}.") : named;
    }
}
