namespace Sparkish.Persistence.Files;

/// <summary>Looks at a journal without its lock. What the writer has written and not yet flushed may be among what is read; half of a batch never is.</summary>
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
