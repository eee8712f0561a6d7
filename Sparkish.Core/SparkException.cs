namespace Sparkish;

/// <summary>An error of the engine: the problem, the value, and advice. A job's failure has the user's own exception as its inner exception.</summary>
public class SparkException : Exception
{
    /// <summary>Creates an exception with a message for people.</summary>
    public SparkException(string message) : base(message) { }

    /// <summary>Creates an exception with a message for people and the error that caused it.</summary>
    public SparkException(string message, Exception? innerException) : base(message, innerException) { }
}
