namespace Sparkish.Persistence;

/// <summary>Reads a journal. A reader serves one caller at a time; disposing it twice is harmless.</summary>
public interface IJournalReader : IAsyncDisposable
{
    /// <summary>The name of the journal in its store.</summary>
    string Name { get; }

    /// <summary>The latest snapshot; null if the journal has no snapshot.</summary>
    /// <exception cref="JournalException">The store cannot be reached, or its content is corrupt: the message gives the position and advice.</exception>
    ValueTask<JournalSnapshot?> ReadSnapshotAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// The events after a given one, in order, each once: those whose append was acknowledged before the call, and no part of an incomplete batch. Events
    /// before the latest snapshot may be deleted.
    /// </summary>
    /// <param name="afterSequence">0 for all stored events; else the sequence of a snapshot or of an event.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="JournalException">The store cannot be reached, its content is corrupt, or later events are missing.</exception>
    IAsyncEnumerable<JournalEntry> ReadAsync(long afterSequence, CancellationToken cancellationToken = default);
}
