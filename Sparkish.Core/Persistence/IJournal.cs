namespace Sparkish.Persistence;

/// <summary>
/// The events of one event-sourced endpoint, and its latest snapshot, kept safe by a store. Opened under an epoch, which the store remembers: from then on
/// it rejects writes from an earlier epoch, so that at most one of two writers ever writes.
/// <see cref="AppendAsync"/> may be called while earlier calls are under way, by one caller after the other; all else by one caller at a time.
/// </summary>
/// <remarks>
/// After an append has failed the journal takes no other: the events that it holds are known only after it has been opened again. Of a batch that was not
/// acknowledged, all events are there then, or none.
/// </remarks>
public interface IJournal : IJournalReader
{
    /// <summary>The largest event, and the largest batch of events together, in bytes, that every journal takes.</summary>
    const int MaxBatchBytes = 16 << 20;

    /// <summary>The term under which this journal was opened.</summary>
    long Epoch { get; }

    /// <summary>The number of the last event whose append was acknowledged, or that was found at opening; 0 if there never was one.</summary>
    long LastSequence { get; }

    /// <summary>
    /// Appends a batch of events, all or none, after those of earlier calls. They are safe from the loss of this process and, as far as the store
    /// keeps its promises, of its machine once the task completes. Calls that overlap share the cost of making them safe.
    /// </summary>
    /// <param name="events">At least one; the journal holds on to them until the task completes.</param>
    /// <param name="cancellationToken">Gives up waiting, not appending: a cancelled append counts as failed.</param>
    /// <returns>The number of the last event of the batch.</returns>
    /// <exception cref="StaleEpochException">The journal was opened under a later epoch, by somebody else.</exception>
    /// <exception cref="JournalOverloadedException">Too much waits already. Nothing of the batch was written, and the journal goes on, as if this had not been
    /// called.</exception>
    /// <exception cref="JournalException">The events could not be made safe (disk full, connection lost, …), or an earlier append failed.</exception>
    /// <exception cref="ArgumentException">There is no event, or together they have more than <see cref="MaxBatchBytes"/> bytes.</exception>
    ValueTask<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken = default);

    /// <summary>
    /// Replaces the snapshot at once and safely: a crash leaves the old one or the new one. It may have any size up to <see cref="MaxBatchBytes"/>.
    /// Events stay until <see cref="TruncateAsync"/>. Appends may go on meanwhile.
    /// </summary>
    /// <exception cref="StaleEpochException">The journal was opened under a later epoch, by somebody else.</exception>
    /// <exception cref="JournalException">The snapshot could not be made safe; the old one stays.</exception>
    /// <exception cref="ArgumentException">It is of events that are not acknowledged, is older than the one that is there, or too large.</exception>
    ValueTask SaveSnapshotAsync(JournalSnapshot snapshot, CancellationToken cancellationToken = default);

    /// <summary>
    /// Takes away events up to one, itself included, that the snapshot makes needless. A store may keep some of them longer. Appends may go on meanwhile.
    /// </summary>
    /// <exception cref="StaleEpochException">The journal was opened under a later epoch, by somebody else.</exception>
    /// <exception cref="JournalException">The store failed; the events are still there, or gone.</exception>
    /// <exception cref="ArgumentException">No snapshot has these events.</exception>
    ValueTask TruncateAsync(long throughSequence, CancellationToken cancellationToken = default);
}
