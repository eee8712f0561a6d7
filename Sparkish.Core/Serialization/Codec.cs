namespace Sparkish.Serialization;

/// <summary>Makes codecs.</summary>
public static class Codec
{
    /// <summary>The codec of a type, built once.</summary>
    public static Codec<T> For<T>() => throw new SerializationException("no codec");
}
