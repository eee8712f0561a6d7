#pragma warning disable MA0048 // the narrow case stands with its base
namespace Sparkish;

/// <summary>How an RDD follows from another one.</summary>
internal abstract class Dependency(Rdd parent)
{
    public Rdd Parent { get; } = parent;
}

/// <summary>Each partition follows from one partition of the parent, in the same task.</summary>
internal sealed class NarrowDependency(Rdd parent) : Dependency(parent);
