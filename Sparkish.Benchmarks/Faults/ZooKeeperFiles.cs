using System.Text;
using Sparkish.Deploy.Recovery.ZooKeeper;

namespace Sparkish.Benchmarks.Faults;

/// <summary>What a server of ZooKeeper has in its files, and which events of the journal it would restore from them.</summary>
internal sealed class ZooKeeperFiles
{
    private readonly List<ZooKeeperLogFile> _logs;
    private readonly HashSet<FaultEvent> _restored = [];
    private readonly HashSet<FaultEvent> _inSnapshot = [];
    private readonly HashSet<long> _zxids;
    private readonly string? _snapshot;
    private readonly long _snapshotZxid = -1;

    private ZooKeeperFiles(int server, string directory)
    {
        Server = server;
        _logs = [.. Directory.EnumerateFiles(directory, "log.*").Select(ZooKeeperLogFile.Read).OrderBy(static log => log.First)];
        foreach (var path in Directory.EnumerateFiles(directory, "snapshot.*").OrderByDescending(ZooKeeperLogFile.Number))
        {
            if (ZooKeeperSnapshotFile.TryRead(path) is not { } nodes) continue;
            (_snapshot, _snapshotZxid) = (Path.GetFileName(path), ZooKeeperLogFile.Number(path));
            foreach (var (node, data) in nodes) _inSnapshot.UnionWith(Events(new CreatedNode(node, data)));
            break;
        }

        _zxids = [.. All.Select(static one => one.Zxid)];
        _restored.UnionWith(_inSnapshot);
        foreach (var transaction in Readable.Where(one => one.Zxid > _snapshotZxid)) _restored.UnionWith(Events(transaction));
    }

    public int Server { get; }

    /// <summary>The last transaction that it restores; -1 for none.</summary>
    public long Last => Math.Max(_snapshotZxid, Readable.Select(static one => one.Zxid).DefaultIfEmpty(-1).Max());

    /// <summary>All transactions in its log, those included that it does not read any more.</summary>
    public IEnumerable<ZooKeeperTransaction> All => _logs.SelectMany(static log => log.Transactions.Concat(log.Behind));

    private IEnumerable<ZooKeeperTransaction> Readable => _logs.SelectMany(static log => log.Transactions);

    /// <param name="server">Its number.</param>
    /// <param name="data">Its data directory.</param>
    public static ZooKeeperFiles Read(int server, string data)
    {
        var directory = Path.Combine(data, "version-2");
        return new ZooKeeperFiles(server, Directory.Exists(directory) ? directory : data);
    }

    public bool Restores(FaultEvent acknowledged) => _restored.Contains(acknowledged);

    /// <summary>The journal's events that a transaction adds.</summary>
    public static IEnumerable<FaultEvent> Events(ZooKeeperTransaction transaction) => transaction.Created.SelectMany(Events);

    /// <summary>What its files say of an event and its transaction.</summary>
    public string Describe(FaultEvent acknowledged, long zxid)
    {
        if (_inSnapshot.Contains(acknowledged)) return $"restores it from {_snapshot}";
        if (Restores(acknowledged)) return $"restores it from {_logs.Last(log => log.Transactions.Any(one => one.Zxid == zxid)).Name}";
        if (_logs.Find(log => log.Behind.Any(one => one.Zxid == zxid)) is { } broken)
        {
            return $"has it in {broken.Name} and does not read it: the record at byte {broken.BrokenAt}, behind {After(broken)}, is broken, "
                + $"and {broken.Behind.Count} whole ones come behind it";
        }

        if (_snapshotZxid >= zxid) return $"lacks it, and its {_snapshot} covers it";
        var before = Readable.Where(one => one.Zxid < zxid).Select(static one => one.Zxid).Append(_snapshotZxid).Max();
        return Readable.Where(one => one.Zxid > zxid).Select(static one => (long?)one.Zxid).Min() is { } next
            ? $"has a hole: its log goes from {ZooKeeperTransaction.Name(before)} to {ZooKeeperTransaction.Name(next)}"
            : $"ends before it, with {ZooKeeperTransaction.Name(before)}";
    }

    /// <summary>Whether a transaction is in its log, read or not.</summary>
    public bool Has(long zxid) => _zxids.Contains(zxid);

    private static string After(ZooKeeperLogFile log) =>
        log.Transactions.Count == 0 ? "nothing" : ZooKeeperTransaction.Name(log.Transactions[^1].Zxid);

    private static IEnumerable<FaultEvent> Events(CreatedNode node)
    {
        var name = node.Path[(node.Path.LastIndexOf('/') + 1)..];
        return node.Path.Contains($"/{FaultStores.Journal}/events/", StringComparison.Ordinal) && BatchNode.TryParse(name) is { Blob: null } batch
            ? BatchFormat.Decode(node.Path, batch, node.Data)
                .Select(static entry => new FaultEvent(entry.Epoch, entry.Sequence, Encoding.UTF8.GetString(entry.Payload.Span)))
            : [];
    }
}
