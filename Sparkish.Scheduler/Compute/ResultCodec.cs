using Sparkish.Serialization;
using Sparkish.Serialization.Rows.Codecs;

namespace Sparkish.Compute;

/// <summary>
/// Chooses the codec of a job's results: the application's serializer writes rows, and Sparkish's own writes the engine's counts and samples.
/// </summary>
internal static class ResultCodec
{
    public static Codec<TResult> For<T, TResult>(Serializer serializer)
    {
        if (ReferenceEquals(serializer, Serializer.Default)) return Codec.For<TResult>();
        object? rows = typeof(TResult) == typeof(T[]) ? new RowsCodec<T>(serializer.CodecFor<T>())
            : typeof(TResult) == typeof((bool, T)) ? new OptionalRowCodec<T>(serializer.CodecFor<T>())
            : null;
        return rows as Codec<TResult> ?? Codec.For<TResult>();
    }
}

/// <summary>The rows of a partition.</summary>
internal sealed class RowsCodec<T>(Codec<T> row) : Codec<T[]>
{
    public override void Write(ByteWriter writer, in T[] value) => Elements.Write(writer, row, new ReadOnlySpan<T>(value));

    public override T[] Read(ref ByteReader reader) =>
        Elements.Read(ref reader, row) ?? throw new SerializationException("The result of a task holds no rows.");
}

/// <summary>Stands for the missing row of a partition without rows.</summary>
internal sealed class OptionalRowCodec<T>(Codec<T> row) : Codec<(bool HasValue, T Value)>
{
    public override void Write(ByteWriter writer, in (bool HasValue, T Value) value)
    {
        writer.WriteByte(value.HasValue ? (byte)1 : (byte)0);
        if (value.HasValue) row.Write(writer, value.Value);
    }

    public override (bool HasValue, T Value) Read(ref ByteReader reader) => reader.ReadByte() switch
    {
        0 => default,
        1 => (true, row.Read(ref reader)),
        var other => throw new SerializationException($"{other} was found where 0 (no row) or 1 (a row) is expected."),
    };
}
