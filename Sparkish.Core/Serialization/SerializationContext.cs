using System.Reflection;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization;

/// <summary>What codecs need beyond the bytes: which types may be made, and the node on which live things such as refs arrive.</summary>
public class SerializationContext
{
    private Trust _trust;

    /// <summary>The types that user values may be of; null where none are accepted, as on a Master or Worker.</summary>
    public TypeBinder? Types { get; init; }

    /// <summary>Which of these types may be sent and made.</summary>
    public TypeAdmission Admission { get; init; } = TypeAdmission.Default;

    /// <summary>What one value may cost.</summary>
    public SerializationLimits Limits { get; init; } = SerializationLimits.Default;

    /// <summary>Who wrote the bytes that are read with this context; a peer unless set.</summary>
    public Trust Trust { get => _trust; init => _trust = value; }

    /// <summary>Why the readers cannot run code of an assembly; null, or an answer of null, if they can.</summary>
    internal Func<Assembly, string?>? ReasonAgainstCode { get; init; }

    /// <summary>Whether only values of fixed schemas may be written: what is kept for long must be readable without the types that it was made of.</summary>
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
