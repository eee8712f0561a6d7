namespace Sparkish.Serialization;

/// <summary>Names the codec of a type and of all derived types: a class with a parameterless constructor that derives from <see cref="Codec{T}"/>.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface, Inherited = true)]
public sealed class CodecTypeAttribute(Type codec) : Attribute
{
    /// <summary>The codec's type.</summary>
    public Type Codec { get; } = codec;
}
