namespace Sparkish.Architecture;

/// <summary>Which folders of an assembly use which, with one example for each edge.</summary>
internal sealed class FolderGraph
{
    private readonly SortedDictionary<string, SortedDictionary<string, TypeReference>> _edges = new(StringComparer.Ordinal);

    public FolderGraph(IEnumerable<TypeReference> references)
    {
        foreach (var reference in references)
        {
            if (string.Equals(reference.FromFolder, reference.ToFolder, StringComparison.Ordinal)) continue;
            if (!_edges.TryGetValue(reference.FromFolder, out var targets))
                _edges[reference.FromFolder] = targets = new SortedDictionary<string, TypeReference>(StringComparer.Ordinal);
            targets.TryAdd(reference.ToFolder, reference);
        }
    }

    /// <summary>The folders that a folder uses, in the order of their names.</summary>
    public IReadOnlyCollection<string> UsedBy(string folder) => _edges.TryGetValue(folder, out var targets) ? targets.Keys : [];

    /// <summary>
    /// The folders in layers: those of the first use none, and each other one uses at least one of the layer before and none of later ones.
    /// </summary>
    /// <exception cref="InvalidOperationException">The folders go in a circle.</exception>
    public IReadOnlyList<IReadOnlyList<string>> Layers(IEnumerable<string> folders)
    {
        var left = folders.ToHashSet(StringComparer.Ordinal);
        var layers = new List<IReadOnlyList<string>>();
        while (left.Count > 0)
        {
            string[] next = [.. left.Where(folder => !UsedBy(folder).Any(left.Contains)).Order(StringComparer.Ordinal)];
            if (next.Length == 0) throw new InvalidOperationException($"A circle of folders has no layers:\n  {string.Join("\n  ", ShortestCycle())}");
            layers.Add(next);
            left.ExceptWith(next);
        }

        return layers;
    }

    /// <summary>A shortest cycle as its edges, the last of which ends where the first begins; empty without a cycle.</summary>
    public IReadOnlyList<TypeReference> ShortestCycle() =>
        _edges.Keys.Select(ShortestWayBack).Where(way => way.Count > 0).MinBy(way => way.Count) ?? [];

    // Breadth first from a folder until an edge leads back to it.
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
            current = reachedBy[current].FromFolder;
        }
        while (!string.Equals(current, start, StringComparison.Ordinal));
        return way;
    }
}
