namespace Sparkish.Serialization;

/// <summary>A value cannot be written, or bytes cannot be read: the message names the type and, in a graph, the path to it.</summary>
public sealed class SerializationException(string message, Exception? innerException = null) : SparkException(message, innerException);
