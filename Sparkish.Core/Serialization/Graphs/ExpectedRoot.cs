namespace Sparkish.Serialization.Graphs;

/// <summary>
/// The type that a reader expects of the root of a graph. It is compared with the type in the input before any object is created or code is called. The rest of
/// the input may be crafted so that reading it has side effects.
/// </summary>
internal readonly struct ExpectedRoot(Type type)
{
    private readonly Type _type = Nullable.GetUnderlyingType(type) ?? type;

    /// <summary>Refuses a root of a wrong type, unless the type is missing here, which has its own error.</summary>
    public void Check(NamedType named)
    {
        // A codec written for a base creates derived objects.
        if (named.Found is { } found && !found.IsAssignableTo(_type) && !(_type.IsAssignableTo(found) && CustomCodecs.TargetOf(found) is not null))
            throw Mismatch(found, type);
    }

    /// <summary>Refuses a root that is announced before objects that it needs, unless it is a function: no other object needs any.</summary>
    public void CheckAnnounced(NamedType named)
    {
        Check(named);
        if (!named.Type.IsAssignableTo(typeof(Delegate))) throw new SerializationException($"The input announces a {named.Type}, which needs nothing before it.");
    }

    /// <summary>Refuses an exception of a wrong type; a missing type is replaced by another.</summary>
    public void CheckException(NamedType named)
    {
        if (typeof(RemoteException).IsAssignableTo(_type) || named.Found?.IsAssignableTo(_type) == true) return;
        throw Mismatch(named.Found ?? typeof(RemoteException), type);
    }

    /// <summary>Refuses an object of a surrogate if it cannot be of the expected type.</summary>
    public void CheckSurrogate(Type surrogate, Type target)
    {
        if (!target.IsAssignableTo(_type) && !_type.IsAssignableTo(target) && !_type.IsInterface)
            throw new SerializationException($"The input holds a {target}, made by {surrogate}, where a {type} is expected.");
    }

    public static SerializationException Mismatch(Type? found, Type expected) => new($"The input holds a {found} where a {expected} is expected.");
}
