namespace Sparkish.Serialization;

/// <summary>
/// Marks a record that later versions extend: it is written with its length, its members in the order of its constructor. A reader with more members gives the
/// missing ones, at the end, the default of their parameter or of their type; a reader with fewer skips the rest. Add members at the end only, never remove,
/// reorder or retype one: that is not detected. All state must be parameters of the constructor.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class ExtensibleAttribute : Attribute;
