namespace Sparkish.Serialization;

/// <summary>Makes codecs.</summary>
public static class Codec
{
    /// <summary>
    /// The codec of a type, built once: raw bytes for values without references, a fixed schema for sealed records, structs, tuples and common
    /// collections, the codec that <see cref="CodecTypeAttribute"/> names, and a graph of objects for all else.
    /// </summary>
    /// <exception cref="SerializationException">The type holds pointers.</exception>
    public static Codec<T> For<T>() => Built<T>.Codec ??= CodecFactory.Make<T>();

    private static class Built<T>
    {
        // Two threads may build the same codec; both are as good, so the last one stays.
        public static Codec<T>? Codec;
    }
}
