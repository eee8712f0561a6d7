namespace Sparkish.Persistence;

/// <summary>
/// The events of one event-sourced endpoint, and its latest snapshot, in a durable store. A journal is opened under an epoch, which the store remembers. From
/// then on the store rejects writes from an earlier epoch, so that at most one of two writers can write. <see cref="AppendAsync"/> may be called while earlier
/// calls are pending, by one caller after the other; all other members by one caller at a time.
/// </summary>
/// <remarks>
/// After a failed append the journal accepts no other one: its content is known only after it has been reopened. Of an unacknowledged batch, all events are
/// stored then, or none.
/// </remarks>
public interface IJournal : IJournalReader
{
    /// <summary>Maximum size in bytes of an event, and of a batch of events, that every journal accepts.</summary>
    const int MaxBatchBytes = 16 << 20;

    /// <summary>The term under which this journal was opened.</summary>
    long Epoch { get; }

    /// <summary>The number of the last event whose append was acknowledged, or that was found at opening; 0 if there was none.</summary>
    long LastSequence { get; }

    /// <summary>
    /// Appends a batch of events, all or none, after those of earlier calls. When the task completes, they survive the loss of this process and, as far as the
    /// store keeps its promises, of its machine. Concurrent calls share the cost of a flush.
    /// </summary>
    /// <param name="events">At least one event; the journal uses the list until the task completes.</param>
    /// <param name="cancellationToken">Stops waiting, not appending: a cancelled append counts as failed.</param>
    /// <returns>The number of the last event of the batch.</returns>
    /// <exception cref="StaleEpochException">Another writer opened the journal under a later epoch.</exception>
    /// <exception cref="JournalOverloadedException">
    /// Too many appends wait already. Nothing of the batch was written, and the journal stays open, as if this had not been called.
    /// </exception>
    /// <exception cref="JournalException">The events could not be made durable (disk full, connection lost, …), or an earlier append failed.</exception>
    /// <exception cref="ArgumentException">There is no event, or together they exceed <see cref="MaxBatchBytes"/> bytes.</exception>
    ValueTask<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken = default);

    /// <summary>
    /// Replaces the snapshot atomically and durably: a crash leaves the old one or the new one. Its maximum size is <see cref="MaxBatchBytes"/>. Events stay
    /// until <see cref="TruncateAsync"/>. Appends may continue meanwhile.
    /// </summary>
    /// <exception cref="StaleEpochException">Another writer opened the journal under a later epoch.</exception>
    /// <exception cref="JournalException">The snapshot could not be made durable; the old one remains.</exception>
    /// <exception cref="ArgumentException">The snapshot covers events that are not acknowledged, is older than the stored one, or is too large.</exception>
    ValueTask SaveSnapshotAsync(JournalSnapshot snapshot, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes the events up to a given one, inclusive, that the snapshot covers. A store may keep some of them longer. Appends may continue meanwhile.
    /// </summary>
    /// <exception cref="StaleEpochException">Another writer opened the journal under a later epoch.</exception>
    /// <exception cref="JournalException">The store failed; the events may or may not be deleted.</exception>
    /// <exception cref="ArgumentException">No snapshot covers these events.</exception>
    ValueTask TruncateAsync(long throughSequence, CancellationToken cancellationToken = default);
}
