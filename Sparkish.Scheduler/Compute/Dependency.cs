namespace Sparkish.Compute;

/// <summary>A dependency of an RDD on its parent.</summary>
internal abstract class Dependency(Lineage parent)
{
    public Lineage Parent { get; } = parent;
}

/// <summary>Each partition depends on one partition of the parent, in the same task.</summary>
internal sealed class NarrowDependency(Lineage parent) : Dependency(parent);
