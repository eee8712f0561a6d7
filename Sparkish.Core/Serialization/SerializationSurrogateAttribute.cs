namespace Sparkish.Serialization;

/// <summary>Registers a surrogate for everything that an application sends; readers need no registration, since the data name the surrogate.</summary>
/// <param name="surrogate">A class that derives from <see cref="Surrogate{T, TState}"/>.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class SerializationSurrogateAttribute(Type surrogate) : Attribute
{
    /// <summary>The surrogate's type.</summary>
    public Type Surrogate { get; } = surrogate;
}
