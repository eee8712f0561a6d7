namespace Sparkish.Serialization;

/// <summary>Stands for an exception of another process whose type cannot be created here: it has the type's name, the message and the stack trace.</summary>
public sealed class RemoteException : SparkException
{
    /// <summary>Creates an exception that stands for another.</summary>
    /// <param name="typeName">The full name of the type it had.</param>
    /// <param name="message">Its message.</param>
    /// <param name="innerException">The error that caused it.</param>
    public RemoteException(string typeName, string message, Exception? innerException) : base(message, innerException) => TypeName = typeName;

    /// <summary>The full name of the exception's original type.</summary>
    public string TypeName { get; }

    /// <inheritdoc/>
    public override string ToString() => $"{TypeName} (remote): {base.ToString()}";
}
