namespace Sparkish.Serialization.Types;

/// <summary>Marks a type, and all that derive from it, that must never be sent.</summary>
/// <param name="reason">What the error says, such as <c>SparkContext cannot be sent to executors</c>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface, Inherited = true)]
internal sealed class NotSerializableAttribute(string reason) : Attribute
{
    public string Reason { get; } = reason;

    /// <summary>What to do instead: the end of a sentence, such as <c>collect it first</c>.</summary>
    public string? Advice { get; init; }
}
