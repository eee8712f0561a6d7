namespace Sparkish.Serialization;

/// <summary>
/// Brings codecs for the rows of an application, in place of Sparkish's own: derive from it, and name the type in <c>spark.serializer</c> as
/// <c>Namespace.Type, Assembly</c>. It needs a public constructor without parameters, or one that takes the <see cref="SparkConf"/>. The driver and
/// each executor make one instance, which serves all threads. It is used for what is shuffled, for rows in results, and for collections that are
/// parallelized; closures, messages and the hashes of keys stay Sparkish's.
/// </summary>
public abstract class Serializer
{
    /// <summary>Sparkish's own.</summary>
    internal static Serializer Default { get; } = new OwnSerializer();

    /// <summary>The codec of rows of a type; asked for once per task or batch, so keep what is costly to make.</summary>
    public abstract Codec<T> CodecFor<T>();

    private sealed class OwnSerializer : Serializer
    {
        public override Codec<T> CodecFor<T>() => Codec.For<T>();
    }
}
