#pragma warning disable MA0048 // codecs of a few lines belong together
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Rows.Records;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Rows.Codecs;

internal sealed class StringCodec : BuiltInCodec<string?>
{
    public override void Write(ByteWriter writer, in string? value) => writer.WriteString(value);

    public override string? Read(ref ByteReader reader) => reader.ReadString();

    public override void WriteAll(ByteWriter writer, ReadOnlySpan<string?> values)
    {
        foreach (var value in values) writer.WriteString(value);
    }

    public override void ReadAll(ref ByteReader reader, Span<string?> destination)
    {
        foreach (ref var value in destination) value = reader.ReadString();
    }

    internal override int MinBytes => 1;

    internal override CodecForm Form => new TextForm();

    internal override void Describe(SchemaText text) => text.Append("string");
}

internal sealed class NullableCodec<T> : BuiltInCodec<T?> where T : struct
{
    private readonly Codec<T> _value = Codec.For<T>();

    public override void Write(ByteWriter writer, in T? value)
    {
        writer.WriteByte(value.HasValue ? (byte)1 : (byte)0);
        if (value.HasValue) _value.Write(writer, in Nullable.GetValueRefOrDefaultRef(in value));
    }

    public override T? Read(ref ByteReader reader) => Presence.Read(ref reader) ? _value.Read(ref reader) : null;

    internal override int MinBytes => 1;

    internal override CodecForm Form => new NullableForm(typeof(T));

    internal override void Describe(SchemaText text) => text.Append(_value).Append("?");
}

/// <summary>An instant and its distance from UTC in minutes.</summary>
internal sealed class DateTimeOffsetCodec : BuiltInCodec<DateTimeOffset>
{
    private const int Size = sizeof(long) + sizeof(short);

    public override void Write(ByteWriter writer, in DateTimeOffset value)
    {
        writer.WriteUnmanaged(value.Ticks);
        writer.WriteUnmanaged((short)value.TotalOffsetMinutes);
    }

    public override DateTimeOffset Read(ref ByteReader reader)
    {
        var (ticks, minutes) = (reader.ReadUnmanaged<long>(), reader.ReadUnmanaged<short>());
        try
        {
            return new DateTimeOffset(ticks, TimeSpan.FromMinutes(minutes));
        }
        catch (ArgumentException e)
        {
            throw new SerializationException($"{ticks} ticks at {minutes} minutes from UTC are not a valid {typeof(DateTimeOffset)}.", e);
        }
    }

    internal override int MinBytes => Size;

    internal override void Describe(SchemaText text) => text.Append("DateTimeOffset");
}

/// <summary>Values that are written as another type and created from it.</summary>
internal sealed class SurrogateCodec<T, TState>(FrameworkSurrogate<T, TState> surrogate) : BuiltInCodec<T?>
    where T : notnull
    where TState : notnull
{
    private static Codec<TState> State => Codec.For<TState>();

    public override void Write(ByteWriter writer, in T? value)
    {
        writer.WriteByte(value is null ? (byte)0 : (byte)1);
        if (value is not null) State.Write(writer, surrogate.ToState(value));
    }

    public override T? Read(ref ByteReader reader)
    {
        if (!Presence.Read(ref reader)) return default;
        var state = State.Read(ref reader) ?? throw new SerializationException($"The input holds no {typeof(TState)} to make a {typeof(T)} of.");
        if (surrogate.Cost is { } cost) reader.Charge(1, cost(state));
        try
        {
            return surrogate.FromState(state);
        }
        catch (Exception e) when (e is not SerializationException)
        {
            throw new SerializationException($"'{state}' is not a valid {typeof(T)}: {e.Message}", e);
        }
    }

    internal override int MinBytes => 1;

    internal override void Describe(SchemaText text) => text.Append(typeof(T).Name);
}

/// <summary>A codec that was written for a base type, used for a type that derives from it.</summary>
internal sealed class NarrowedCodec<TBase, T>(Codec<TBase> codec) : BuiltInCodec<T> where T : TBase
{
    public override void Write(ByteWriter writer, in T value) => codec.Write(writer, value);

    public override T Read(ref ByteReader reader) => codec.Read(ref reader) switch
    {
        T value => value,
        null when default(T) is null => default!,
        var other => throw new SerializationException($"The input holds a {other?.GetType()} where a {typeof(T)} is expected."),
    };

    internal override void Describe(SchemaText text) => text.Append(codec);
}

/// <summary>Anything, as a graph of objects with its types. Only nodes that run an application read it.</summary>
internal sealed class GraphCodec<T> : BuiltInCodec<T>
{
    public override void Write(ByteWriter writer, in T value)
    {
        try
        {
            ObjectSerializer.Write(writer, value);
        }
        catch (SerializationException e) when (e is { RefusedType: not null, Path: { } path, Reason: { } reason })
        {
            throw new SerializationException(path, RowRules.WithAdvice(reason), e);
        }
    }

    public override void WriteAll(ByteWriter writer, ReadOnlySpan<T> values)
    {
        var i = 0;
        try
        {
            for (; i < values.Length; i++) Write(writer, in values[i]);
        }
        catch (SerializationException e)
        {
            throw RowPath.AtElement(e, i);
        }
    }

    public override T Read(ref ByteReader reader) => ObjectSerializer.Read<T>(ref reader);

    internal override int MinBytes => 1;

    internal override bool IsGraph => true;

    internal override void Describe(SchemaText text) => text.Append($"graph of {typeof(T)}");
}
