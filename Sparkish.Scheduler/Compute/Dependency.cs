namespace Sparkish.Compute;

/// <summary>How an RDD follows from another one.</summary>
internal abstract class Dependency(Lineage parent)
{
    public Lineage Parent { get; } = parent;
}

/// <summary>Each partition follows from one partition of the parent, in the same task.</summary>
internal sealed class NarrowDependency(Lineage parent) : Dependency(parent);
