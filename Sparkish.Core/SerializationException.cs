namespace Sparkish;

/// <summary>A value cannot be written, or bytes cannot be read: the message names the type and, in a graph or row, the path to it.</summary>
public sealed class SerializationException(string message, Exception? innerException = null) : SparkException(message, innerException)
{
    internal SerializationException(string path, string reason, Exception? innerException = null)
        : this(path.Length == 0 ? $"{reason}." : $"{path}: {reason}.", innerException)
    {
        Path = path;
        Reason = reason;
    }

    /// <summary>Creates an error in a row: the path begins with the row's type and continues with '.' or '['.</summary>
    internal SerializationException(Type? row, string path, string reason) : this($"{row?.Name.Split('`')[0]}{path}: {reason}.")
    {
        Path = path;
        Reason = reason;
    }

    /// <summary>The path of the refused object in its graph, from the root; null if no graph was written.</summary>
    internal string? Path { get; }

    /// <summary>The reason for the refusal: half a sentence without a full stop.</summary>
    internal string? Reason { get; }

    /// <summary>The type that cannot be sent; null for another reason.</summary>
    internal Type? RefusedType { get; init; }
}
