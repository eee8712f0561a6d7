namespace Sparkish.Serialization.Types;

/// <summary>Marks a type that must never be sent, including all derived types.</summary>
/// <param name="reason">The text of the error, such as <c>SparkContext cannot be sent to executors</c>.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface, Inherited = true)]
internal sealed class NotSerializableAttribute(string reason) : Attribute
{
    public string Reason { get; } = reason;

    /// <summary>Advice: the end of a sentence, such as <c>collect it first</c>.</summary>
    public string? Advice { get; init; }
}
