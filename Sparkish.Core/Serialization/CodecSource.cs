namespace Sparkish.Serialization;

/// <summary>
/// Chooses and creates codecs. The implementation knows all codecs of rows and the graphs of objects, which in turn request the codecs of their parts. They
/// depend only on this class, and the implementation registers itself when the assembly is loaded.
/// </summary>
internal abstract class CodecSource
{
    private static CodecSource? _current;

    public static CodecSource Current => _current ?? throw new InvalidOperationException("No source of codecs is in use.");

    public abstract Codec<T> Make<T>();

    /// <summary>Whether a framework type, or its generic definition, has its own codec.</summary>
    public abstract bool IsKnown(Type type);

    protected static void Use(CodecSource source) => _current = source;
}
