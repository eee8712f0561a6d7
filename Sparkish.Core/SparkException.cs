namespace Sparkish;

/// <summary>An error of the engine: what was wrong, with which value, and what to do. A job's failure carries the user's own exception inside.</summary>
public class SparkException : Exception
{
    /// <summary>Makes an exception with a message for people.</summary>
    public SparkException(string message) : base(message) { }

    /// <summary>Makes an exception with a message for people and the error that caused it.</summary>
    public SparkException(string message, Exception? innerException) : base(message, innerException) { }
}
