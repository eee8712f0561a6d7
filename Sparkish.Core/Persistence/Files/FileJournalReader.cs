namespace Sparkish.Persistence.Files;

/// <summary>Reads a journal without its lock. It may return events that are written but not yet flushed, but never half of a batch.</summary>
internal sealed class FileJournalReader(JournalDirectory directory) : IJournalReader
{
    private bool _isClosed;

    public string Name => directory.Name;

    public ValueTask<JournalSnapshot?> ReadSnapshotAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        return JournalReading.ReadSnapshotAsync(directory, cancellationToken);
    }

    public IAsyncEnumerable<JournalEntry> ReadAsync(long afterSequence, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isClosed, this);
        return JournalReading.ReadAsync(directory, afterSequence, through: null, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _isClosed = true;
        return ValueTask.CompletedTask;
    }
}
