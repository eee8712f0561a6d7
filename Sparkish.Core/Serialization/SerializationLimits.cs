using Sparkish.Serialization.Types;

namespace Sparkish.Serialization;

/// <summary>Limits of one value that is read, so that a few bytes from a peer cannot exhaust the memory or the stack.</summary>
/// <param name="MaxDepth">Maximum nesting depth of values, on both sides.</param>
/// <param name="MaxSize">Maximum memory in bytes of one value's arrays and collections; the input itself limits strings and blocks.</param>
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
