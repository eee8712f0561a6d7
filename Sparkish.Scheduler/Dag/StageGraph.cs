using Sparkish.Shuffle;

namespace Sparkish.Dag;

/// <summary>Walks the lineage of an RDD within one stage.</summary>
internal static class StageGraph
{
    /// <summary>The shuffles that a stage with this last RDD reads, each once, in the order of their making. Iterative: a lineage may be long.</summary>
    public static IReadOnlyList<ShuffleDependency> ShufflesBelow(Rdd rdd)
    {
        var found = new SortedDictionary<int, ShuffleDependency>();
        var seen = new HashSet<int>();
        var waiting = new Stack<Rdd>([rdd]);
        while (waiting.TryPop(out var next))
        {
            if (!seen.Add(next.Id)) continue;
            foreach (var dependency in next.Dependencies)
            {
                if (dependency is ShuffleDependency shuffle) found[shuffle.ShuffleId] = shuffle;
                else waiting.Push(dependency.Parent);
            }
        }

        return [.. found.Values];
    }
}
