namespace Sparkish.Serialization;

/// <summary>
/// Supplies codecs for the rows of an application, in place of Sparkish's own: derive from it, and name the type in <c>spark.serializer</c> as
/// <c>Namespace.Type, Assembly</c>. It needs a public constructor without parameters, or one with a <see cref="SparkConf"/>. The driver and each executor
/// create one instance, which serves all threads. It is used for shuffled data, for rows in results, and for parallelized collections; closures, messages and
/// the hashes of keys remain Sparkish's.
/// </summary>
public abstract class Serializer
{
    /// <summary>Sparkish's own.</summary>
    internal static Serializer Default { get; } = new OwnSerializer();

    /// <summary>Returns the codec for rows of a type; called once per task or batch, so cache expensive objects.</summary>
    public abstract Codec<T> CodecFor<T>();

    private sealed class OwnSerializer : Serializer
    {
        public override Codec<T> CodecFor<T>() => Codec.For<T>();
    }
}
