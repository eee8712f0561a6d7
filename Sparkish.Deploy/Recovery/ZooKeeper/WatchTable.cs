namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>The watches of a client, by server path. Thread-safe.</summary>
internal sealed class WatchTable
{
    // Servers limit the size of a request; the name of a node is limited, too, in practice.
    private const int MaxTextPerRequest = 128 << 10;

    private readonly Lock _lock = new();
    private readonly Dictionary<(WatchKind Kind, string Path), List<ZooKeeperWatch>> _watches = [];

    public void Add(WatchKind kind, string path, ZooKeeperWatch watch)
    {
        lock (_lock)
        {
            if (!_watches.TryGetValue((kind, path), out var watches)) _watches[(kind, path)] = watches = [];
            watches.Add(watch);
        }
    }

    /// <summary>Fires the watches of an event. An event without watches is ignored, for example after a client stopped waiting.</summary>
    public void Fire(WatchEventType type, string path, Func<string, string> toClientPath)
    {
        var kinds = type switch
        {
            WatchEventType.Created or WatchEventType.DataChanged => (WatchKind[])[WatchKind.Data, WatchKind.Existence],
            WatchEventType.Deleted => [WatchKind.Data, WatchKind.Existence, WatchKind.Children],
            WatchEventType.ChildrenChanged => [WatchKind.Children],
            _ => [],
        };
        List<ZooKeeperWatch> fired = [];
        lock (_lock)
        {
            foreach (var kind in kinds)
            {
                if (_watches.Remove((kind, path), out var watches)) fired.AddRange(watches);
            }
        }

        foreach (var watch in fired) watch.Fire(new WatchEvent(type, toClientPath(path)));
    }

    public void FireAllAsOver(Func<string, string> toClientPath)
    {
        KeyValuePair<(WatchKind Kind, string Path), List<ZooKeeperWatch>>[] all;
        lock (_lock)
        {
            all = [.. _watches];
            _watches.Clear();
        }

        foreach (var (key, watches) in all)
        {
            foreach (var watch in watches) watch.Fire(new WatchEvent(WatchEventType.SessionOver, toClientPath(key.Path)));
        }
    }

    /// <summary>Returns the watches to set again at another server, in batches that fit a request.</summary>
    public IReadOnlyList<SetWatchesRequest> ToSetAgain(long relativeZxid)
    {
        (WatchKind Kind, string Path)[] keys;
        lock (_lock) keys = [.. _watches.Keys];

        var requests = new List<SetWatchesRequest>();
        var portion = new List<(WatchKind Kind, string Path)>();
        var size = 0;
        foreach (var key in keys)
        {
            if (size > 0 && size + key.Path.Length > MaxTextPerRequest)
            {
                requests.Add(new SetWatchesRequest(relativeZxid, [.. portion]));
                portion.Clear();
                size = 0;
            }

            portion.Add(key);
            size += key.Path.Length;
        }

        if (portion.Count > 0) requests.Add(new SetWatchesRequest(relativeZxid, [.. portion]));
        return requests;
    }
}
