using Sparkish.Serialization.Types;

namespace Sparkish.Serialization;

/// <summary>What one value may cost where it is read, so that a few bytes from a peer cannot take all memory or the stack.</summary>
/// <param name="MaxDepth">How deep values may nest, on both sides.</param>
/// <param name="MaxSize">The bytes of memory that one value's arrays and collections may take; strings and blocks are bounded by the input itself.</param>
public sealed record SerializationLimits(int MaxDepth, long MaxSize)
{
    /// <summary>The defaults of <c>spark.serializer.maxDepth</c> and <c>spark.serializer.maxSize</c>.</summary>
    public static SerializationLimits Default { get; } = new(SerializationKeys.MaxDepth.Default, SerializationKeys.MaxSize.Default);

    /// <summary>The limits that a configuration sets.</summary>
    public static SerializationLimits From(SparkConf conf)
    {
        ArgumentNullException.ThrowIfNull(conf);
        return new(conf.Get(SerializationKeys.MaxDepth), conf.Get(SerializationKeys.MaxSize));
    }
}
