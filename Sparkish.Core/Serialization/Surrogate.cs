namespace Sparkish.Serialization;

/// <summary>How objects of a type travel that cannot, or should not, be written field by field: derive from <see cref="Surrogate{T, TState}"/>.</summary>
public abstract class Surrogate
{
    private protected Surrogate() { }

    internal abstract object ToStateObject(object value);

    internal abstract object FromStateObject(object? state);
}

/// <summary>
/// Says how objects of a type that one does not own travel: as a state that can be sent, from which they are made again. Registered with
/// <see cref="SerializationSurrogateAttribute"/>; a class with a public parameterless constructor, of which one instance serves all threads.
/// </summary>
/// <typeparam name="T">The type that it stands in for, with all that derive from it; they arrive as what <see cref="FromState"/> makes.</typeparam>
/// <typeparam name="TState">What is sent instead: anything that can be sent, which does not lead back to the object itself.</typeparam>
public abstract class Surrogate<T, TState> : Surrogate where T : class
{
    /// <summary>What is sent instead of an object.</summary>
    public abstract TState ToState(T value);

    /// <summary>Makes the object again.</summary>
    public abstract T FromState(TState state);

    internal sealed override object ToStateObject(object value) => ToState((T)value)
        ?? throw new SerializationException($"{GetType()} made no state of a {value.GetType()}.");

    internal sealed override object FromStateObject(object? state) => state is TState known
        ? FromState(known) ?? throw new SerializationException($"{GetType()} made no {typeof(T)}.")
        : throw new SerializationException($"The input holds a {state?.GetType()} where {GetType()} expects a {typeof(TState)}.");
}
