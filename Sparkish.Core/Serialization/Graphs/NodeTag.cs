namespace Sparkish.Serialization.Graphs;

/// <summary>The tag before each object of a graph.</summary>
internal enum NodeTag : byte
{
    Null = 0,

    /// <summary>An earlier object, by its number.</summary>
    Reference = 1,

    /// <summary>An object with its type, in a form that the type's plan knows.</summary>
    Object = 2,

    /// <summary>An object that the next one needs: a delegate can be created only after its target.</summary>
    Prelude = 3,

    /// <summary>An exception, which is readable without its type.</summary>
    Exception = 4,

    /// <summary>An object field by field, with its type: it can be passed over without that.</summary>
    Fields = 5,

    /// <summary>The state that a user's surrogate returned for an object, with the surrogate's type.</summary>
    Surrogate = 6,

    /// <summary>The type of the root, if objects that it needs precede it.</summary>
    Root = 7,
}
