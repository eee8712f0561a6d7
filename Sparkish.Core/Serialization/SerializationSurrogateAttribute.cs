namespace Sparkish.Serialization;

/// <summary>Registers a surrogate for all that an application sends; one that reads needs no registration, since what is sent names the surrogate.</summary>
/// <param name="surrogate">A class that derives from <see cref="Surrogate{T, TState}"/>.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class SerializationSurrogateAttribute(Type surrogate) : Attribute
{
    /// <summary>The surrogate's type.</summary>
    public Type Surrogate { get; } = surrogate;
}
