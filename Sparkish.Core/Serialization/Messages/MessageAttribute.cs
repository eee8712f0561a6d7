namespace Sparkish.Serialization.Messages;

/// <summary>
/// Gives a message type its number on the wire; <see cref="MessageRegistry.AddAssembly"/> registers all types of an assembly that have one. The number belongs
/// to this type only: derived types need their own. On an F# union it stands for all cases.
/// </summary>
/// <param name="number">The number, above <see cref="MessageRegistry.LastReservedNumber"/> and the same in all programs that exchange the message.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum, Inherited = false)]
public sealed class MessageAttribute(int number) : Attribute
{
    /// <summary>The number on the wire.</summary>
    public int Number { get; } = number;
}
