namespace Sparkish.Serialization;

/// <summary>
/// Defines how objects of a type are sent that cannot, or should not, be written field by field: derive from <see cref="Surrogate{T, TState}"/>.
/// </summary>
public abstract class Surrogate
{
    private protected Surrogate() { }

    internal abstract object ToStateObject(object value);

    internal abstract object FromStateObject(object? state);
}

/// <summary>
/// Defines how objects of a foreign type are sent: as a state that can be sent, from which they are created again. Registered with
/// <see cref="SerializationSurrogateAttribute"/>; a class with a public parameterless constructor, of which one instance serves all threads.
/// </summary>
/// <typeparam name="T">The type that it replaces, including all derived types; received objects are those that <see cref="FromState"/> returns.</typeparam>
/// <typeparam name="TState">The state that is sent instead: anything that can be sent and does not refer back to the object.</typeparam>
public abstract class Surrogate<T, TState> : Surrogate where T : class
{
    /// <summary>Returns the state that is sent instead of an object.</summary>
    public abstract TState ToState(T value);

    /// <summary>Creates the object from its state.</summary>
    public abstract T FromState(TState state);

    internal sealed override object ToStateObject(object value) => ToState((T)value)
        ?? throw new SerializationException($"{GetType()} returned no state for a {value.GetType()}.");

    internal sealed override object FromStateObject(object? state) => state is TState known
        ? FromState(known) ?? throw new SerializationException($"{GetType()} returned no {typeof(T)}.")
        : throw new SerializationException($"The input holds a {state?.GetType()} where {GetType()} expects a {typeof(TState)}.");
}
