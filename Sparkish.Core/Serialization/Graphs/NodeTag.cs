namespace Sparkish.Serialization.Graphs;

/// <summary>What stands before each object of a graph.</summary>
internal enum NodeTag : byte
{
    Null = 0,

    /// <summary>An object that came before, by its number.</summary>
    Reference = 1,

    /// <summary>An object with its type, in a form that the type's plan knows.</summary>
    Object = 2,

    /// <summary>An object that the one behind it needs: a delegate can only be made when its target is there.</summary>
    Prelude = 3,

    /// <summary>An exception, which is readable without its type.</summary>
    Exception = 4,

    /// <summary>An object field by field, with its type: it can be passed over without that.</summary>
    Fields = 5,

    /// <summary>What a user's surrogate made of an object, with the surrogate's type.</summary>
    Surrogate = 6,

    /// <summary>The type of the root, where objects that it needs stand before it.</summary>
    Root = 7,
}
