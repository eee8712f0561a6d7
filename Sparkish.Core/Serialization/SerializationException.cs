namespace Sparkish.Serialization;

/// <summary>A value cannot be written, or bytes cannot be read: the message names the type and, in a graph, the path to it.</summary>
public sealed class SerializationException(string message, Exception? innerException = null) : SparkException(message, innerException)
{
    internal SerializationException(string path, string reason) : this(path.Length == 0 ? $"{reason}." : $"{path}: {reason}.")
    {
        Path = path;
        Reason = reason;
    }

    /// <summary>Where in a graph the refused object stands, from the root on; null where no graph was written.</summary>
    internal string? Path { get; }

    /// <summary>Why it was refused: half a sentence without a full stop.</summary>
    internal string? Reason { get; }

    /// <summary>The type that cannot be sent; null where something else was refused.</summary>
    internal Type? RefusedType { get; init; }
}
