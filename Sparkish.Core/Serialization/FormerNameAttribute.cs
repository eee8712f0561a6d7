namespace Sparkish.Serialization;

/// <summary>Declares the name of a field or automatic property in an earlier version of its type, so that graphs of that version are read into it.</summary>
/// <param name="name">The earlier name, as in the source.</param>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property, AllowMultiple = true, Inherited = false)]
public sealed class FormerNameAttribute(string name) : Attribute
{
    /// <summary>The earlier name.</summary>
    public string Name { get; } = name;
}
