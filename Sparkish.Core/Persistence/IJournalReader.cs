namespace Sparkish.Persistence;

/// <summary>Reads a journal. One reader is for one caller at a time; disposing it twice is harmless.</summary>
public interface IJournalReader : IAsyncDisposable
{
    /// <summary>The name of the journal in its store.</summary>
    string Name { get; }

    /// <summary>The latest snapshot; null if the journal has no snapshot.</summary>
    /// <exception cref="JournalException">The store cannot be reached, or what it holds is corrupt: the message says where and what to do.</exception>
    ValueTask<JournalSnapshot?> ReadSnapshotAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// The events after one, in their order, each once: those whose append was acknowledged before the call, and none of which only a part was
    /// stored. Events behind the latest snapshot may be gone.
    /// </summary>
    /// <param name="afterSequence">0 for all that are there; else the sequence of a snapshot or of an event.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="JournalException">The store cannot be reached, what it holds is corrupt, or events after this one are missing.</exception>
    IAsyncEnumerable<JournalEntry> ReadAsync(long afterSequence, CancellationToken cancellationToken = default);
}
