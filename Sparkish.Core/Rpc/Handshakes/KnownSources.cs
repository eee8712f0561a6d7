namespace Sparkish.Rpc.Handshakes;

/// <summary>The most recent addresses from which peers have authenticated. Thread-safe.</summary>
internal sealed class KnownSources(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<string>> _nodes = new(StringComparer.Ordinal);
    private readonly LinkedList<string> _byAge = new();

    public bool Contains(string source)
    {
        lock (_lock) return _nodes.ContainsKey(source);
    }

    /// <summary>Records that a peer authenticated from an address.</summary>
    public void Add(string source)
    {
        lock (_lock)
        {
            if (_nodes.Remove(source, out var known)) _byAge.Remove(known);
            else if (_nodes.Count >= capacity) ForgetOldest();
            _nodes.Add(source, _byAge.AddLast(source));
        }
    }

    private void ForgetOldest()
    {
        _nodes.Remove(_byAge.First!.Value);
        _byAge.RemoveFirst();
    }
}
