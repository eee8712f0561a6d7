using Sparkish.Compute;
using Sparkish.Shuffle;

namespace Sparkish.Dag;

/// <summary>Walks the lineage of an RDD. Iterative: a lineage may be long.</summary>
internal static class StageGraph
{
    /// <summary>The shuffles that a stage with this last RDD reads, each once, in the order of their creation.</summary>
    public static IReadOnlyList<ShuffleDependency> ShufflesBelow(Lineage rdd)
    {
        var found = new SortedDictionary<int, ShuffleDependency>();
        var seen = new HashSet<int>();
        var waiting = new Stack<Lineage>([rdd]);
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

    /// <summary>All shuffles of a job, dependencies first, so that stage numbers grow along the flow of data.</summary>
    public static IReadOnlyList<ShuffleDependency> AllShufflesBelow(Lineage rdd)
    {
        var found = new SortedDictionary<int, ShuffleDependency>();
        var waiting = new Stack<Lineage>([rdd]);
        while (waiting.TryPop(out var next))
        {
            foreach (var shuffle in ShufflesBelow(next))
            {
                if (found.TryAdd(shuffle.ShuffleId, shuffle)) waiting.Push(shuffle.Parent);
            }
        }

        return [.. found.Values];
    }
}
