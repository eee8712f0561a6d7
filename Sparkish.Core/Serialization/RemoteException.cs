namespace Sparkish.Serialization;

/// <summary>
/// Stands for an exception of another process whose type cannot be made here: its type's name, message and stack trace are kept.
/// </summary>
public sealed class RemoteException : SparkException
{
    /// <summary>Makes an exception that stands for another.</summary>
    /// <param name="typeName">The full name of the type it had.</param>
    /// <param name="message">Its message.</param>
    /// <param name="innerException">The error that caused it.</param>
    public RemoteException(string typeName, string message, Exception? innerException) : base(message, innerException) => TypeName = typeName;

    /// <summary>The full name of the type that the exception had where it was thrown.</summary>
    public string TypeName { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{TypeName} (remote): {base.ToString()}";
}
