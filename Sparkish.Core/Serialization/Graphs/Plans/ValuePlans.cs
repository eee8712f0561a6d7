#pragma warning disable MA0048 // plans of a few lines belong together
using System.Runtime.CompilerServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs.Plans;

/// <summary>A plain object, such as a lock or a marker.</summary>
internal sealed class BareObjectPlan() : ObjectPlan(typeof(object))
{
    public override void Write(ObjectWriter writer, object value) { }

    public override object Read(ObjectReader reader, ref ByteReader input, int id) => new();
}

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

/// <summary>Objects that are written as a value with a codec and created from it.</summary>
internal sealed class SurrogatePlan<T, TState>(FrameworkSurrogate<T, TState> surrogate) : ObjectPlan(typeof(T))
    where T : notnull
    where TState : notnull
{
    public override bool IsLate => true;

    public override void Write(ObjectWriter writer, object value)
    {
        try
        {
            Codec.For<TState>().Write(writer.Output, surrogate.ToState((T)value));
        }
        catch (SerializationException e) when (e.Reason is { } reason)
        {
            throw writer.Refuse(reason, Type, e);
        }
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        var state = Codec.For<TState>().Read(ref input);
        if (surrogate.Cost is { } cost) input.Charge(1, cost(state));
        return surrogate.FromState(state);
    }
}

/// <summary>
/// Objects whose type names a codec. The type in the graph is the one that the codec was written for: a received object may be of another class than the sent
/// one, as for refs.
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
