namespace Sparkish.Serialization;

/// <summary>
/// Chooses and makes codecs. The choice knows all codecs of rows and the graphs of objects, which themselves ask for the codecs of their parts: they
/// know this class alone, and the one implementation names itself when the assembly is loaded.
/// </summary>
internal abstract class CodecSource
{
    private static CodecSource? _current;

    public static CodecSource Current => _current ?? throw new InvalidOperationException("No source of codecs is in use.");

    public abstract Codec<T> Make<T>();

    /// <summary>Whether a framework type, or a definition of one, has a codec of its own.</summary>
    public abstract bool IsKnown(Type type);

    protected static void Use(CodecSource source) => _current = source;
}
