using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sparkish.Serialization.Rows.Codecs;

/// <summary>Values without references, as in memory: numbers, and structs of them without gaps.</summary>
internal sealed class UnmanagedCodec<T> : BuiltInCodec<T> where T : struct
{
    public override void Write(ByteWriter writer, in T value) => writer.WriteUnmanaged(value);

    public override T Read(ref ByteReader reader) => reader.ReadUnmanaged<T>();

    public override void WriteAll(ByteWriter writer, ReadOnlySpan<T> values) => UnmanagedBlock.Write(writer, values);

    public override void ReadAll(ref ByteReader reader, Span<T> destination) => UnmanagedBlock.Read(ref reader, destination);

    internal override int MinBytes => Unsafe.SizeOf<T>();

    internal override CodecForm Form => new FixedForm(Unsafe.SizeOf<T>(), Check: null);

    internal override void Describe(SchemaText text) => FixedTypes.Describe(text, typeof(T));
}

/// <summary>Values of which not every pattern of bits is valid.</summary>
internal sealed class CheckedCodec<T>(Func<T, T> check) : BuiltInCodec<T> where T : struct
{
    public override void Write(ByteWriter writer, in T value) => writer.WriteUnmanaged(value);

    public override T Read(ref ByteReader reader) => check(reader.ReadUnmanaged<T>());

    public override void WriteAll(ByteWriter writer, ReadOnlySpan<T> values) => UnmanagedBlock.Write(writer, values);

    public override void ReadAll(ref ByteReader reader, Span<T> destination)
    {
        UnmanagedBlock.Read(ref reader, destination);
        foreach (var value in destination) check(value);
    }

    internal override int MinBytes => Unsafe.SizeOf<T>();

    internal override CodecForm Form => new FixedForm(Unsafe.SizeOf<T>(), check.Method);

    internal override void Describe(SchemaText text) => FixedTypes.Describe(text, typeof(T));
}

/// <summary>Block copies of values without references.</summary>
internal static class UnmanagedBlock
{
    public static void Write<T>(ByteWriter writer, ReadOnlySpan<T> values) where T : struct => writer.WriteRaw(AsBytes(values));

    public static void Read<T>(ref ByteReader reader, Span<T> destination) where T : struct =>
        reader.ReadRaw(checked(destination.Length * Unsafe.SizeOf<T>())).CopyTo(MemoryMarshal.AsBytes(destination));

    private static ReadOnlySpan<byte> AsBytes<T>(ReadOnlySpan<T> values) where T : struct
    {
        if ((long)values.Length * Unsafe.SizeOf<T>() > Array.MaxLength)
        {
            throw new SerializationException(
                $"{values.Length} values of {typeof(T)} take more than {Array.MaxLength} bytes and cannot be written in one piece.");
        }

        return MemoryMarshal.AsBytes(values);
    }
}
