namespace Sparkish.Tests.Architecture;

/// <summary>One reason for an edge between namespaces: a type that mentions another.</summary>
internal sealed record TypeReference(string FromNamespace, string FromType, string ToNamespace, string ToType)
{
    public override string ToString() => $"{FromNamespace} -> {ToNamespace}  ({FromType} uses {ToType})";
}

/// <summary>Which namespaces use which, with one example for each edge.</summary>
internal sealed class NamespaceGraph
{
    private readonly SortedDictionary<string, SortedDictionary<string, TypeReference>> _edges = new(StringComparer.Ordinal);

    public NamespaceGraph(IEnumerable<TypeReference> references)
    {
        foreach (var reference in references)
        {
            if (string.Equals(reference.FromNamespace, reference.ToNamespace, StringComparison.Ordinal)) continue;
            if (!_edges.TryGetValue(reference.FromNamespace, out var targets))
                _edges[reference.FromNamespace] = targets = new SortedDictionary<string, TypeReference>(StringComparer.Ordinal);
            targets.TryAdd(reference.ToNamespace, reference);
        }
    }

    /// <summary>A shortest cycle as its edges, the last of which ends where the first begins; empty when there is none.</summary>
    public IReadOnlyList<TypeReference> ShortestCycle() =>
        _edges.Keys.Select(ShortestWayBack).Where(way => way.Count > 0).MinBy(way => way.Count) ?? [];

    // Breadth first from a namespace until an edge leads back to it.
    private List<TypeReference> ShortestWayBack(string start)
    {
        var reachedBy = new Dictionary<string, TypeReference>(StringComparer.Ordinal);
        var queue = new Queue<string>([start]);
        while (queue.TryDequeue(out var current))
        {
            if (!_edges.TryGetValue(current, out var targets)) continue;
            foreach (var (target, edge) in targets)
            {
                if (!reachedBy.TryAdd(target, edge)) continue;
                if (string.Equals(target, start, StringComparison.Ordinal)) return WayTo(start, reachedBy);
                queue.Enqueue(target);
            }
        }

        return [];
    }

    private static List<TypeReference> WayTo(string start, Dictionary<string, TypeReference> reachedBy)
    {
        var way = new List<TypeReference>();
        var current = start;
        do
        {
            way.Insert(0, reachedBy[current]);
            current = reachedBy[current].FromNamespace;
        }
        while (!string.Equals(current, start, StringComparison.Ordinal));
        return way;
    }
}
