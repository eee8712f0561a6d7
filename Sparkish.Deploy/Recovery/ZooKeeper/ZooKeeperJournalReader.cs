using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>Reads a journal that another client may be writing.</summary>
internal sealed class ZooKeeperJournalReader(JournalNodes nodes) : IJournalReader
{
    private readonly JournalReading _reading = new(nodes);

    public string Name => nodes.Name;

    public ValueTask<JournalSnapshot?> ReadSnapshotAsync(CancellationToken cancellationToken = default) => _reading.ReadSnapshotAsync(cancellationToken);

    public IAsyncEnumerable<JournalEntry> ReadAsync(long afterSequence, CancellationToken cancellationToken = default) =>
        _reading.ReadAsync(afterSequence, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
