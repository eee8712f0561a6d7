using System.Reflection;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization;

/// <summary>The context of codecs beyond the bytes: the admitted types, and the node to which received refs belong.</summary>
public class SerializationContext
{
    private Trust _trust;

    /// <summary>The user types of values; null if none are accepted, as on a Master or Worker.</summary>
    public TypeBinder? Types { get; init; }

    /// <summary>The rule for these types.</summary>
    public TypeAdmission Admission { get; init; } = TypeAdmission.Default;

    /// <summary>The limits of one value.</summary>
    public SerializationLimits Limits { get; init; } = SerializationLimits.Default;

    /// <summary>The writer of the bytes that are read with this context; a peer unless set.</summary>
    public Trust Trust { get => _trust; init => _trust = value; }

    /// <summary>The reason why the readers cannot run code of an assembly; null, or a result of null, if they can.</summary>
    internal Func<Assembly, string?>? ReasonAgainstCode { get; init; }

    /// <summary>Whether only values of fixed schemas may be written: data stored for long must be readable without their original types.</summary>
    internal bool RefusesGraphs { get; init; }

    /// <summary>The same for bytes that another wrote.</summary>
    internal SerializationContext For(Trust trust) => trust == Trust ? this : Copy(trust);

    private SerializationContext Copy(Trust trust)
    {
        var copy = (SerializationContext)MemberwiseClone();
        copy._trust = trust;
        return copy;
    }
}
