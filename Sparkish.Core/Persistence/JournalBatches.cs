namespace Sparkish.Persistence;

/// <summary>Checks of arguments that all journals share.</summary>
internal static class JournalBatches
{
    /// <summary>Returns the total size of the events in bytes.</summary>
    /// <exception cref="ArgumentException">There is no event, or they are too large.</exception>
    public static long Check(IReadOnlyList<ReadOnlyMemory<byte>> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (events.Count == 0) throw new ArgumentException("The batch has no event: append at least one.", nameof(events));
        var bytes = 0L;
        for (var i = 0; i < events.Count; i++) bytes += events[i].Length;
        if (bytes <= IJournal.MaxBatchBytes) return bytes;
        throw new ArgumentException($"The batch has {bytes} bytes but may have {IJournal.MaxBatchBytes}: append several, or smaller events.", nameof(events));
    }

    /// <exception cref="ArgumentException">The snapshot is too large, of events that are not acknowledged, or older than another.</exception>
    public static void Check(JournalSnapshot snapshot, long lastSequence, long? saved)
    {
        if (snapshot.Payload.Length > IJournal.MaxBatchBytes)
            throw new ArgumentException(
                $"The snapshot has {snapshot.Payload.Length} bytes but may have {IJournal.MaxBatchBytes}: keep less in the state.", nameof(snapshot));
        if (snapshot.Sequence < 0 || snapshot.Sequence > lastSequence)
            throw new ArgumentException(
                $"The snapshot covers the events up to {snapshot.Sequence}, but the last acknowledged one is {lastSequence}.", nameof(snapshot));
        if (snapshot.Sequence < saved)
            throw new ArgumentException($"The snapshot covers the events up to {snapshot.Sequence}, but a later snapshot covers those up to {saved}.", nameof(snapshot));
    }

    /// <exception cref="ArgumentException">No snapshot covers these events.</exception>
    public static void CheckTruncation(long throughSequence, long? saved)
    {
        if (throughSequence < 0 || throughSequence > (saved ?? 0))
            throw new ArgumentException(
                $"Events up to {throughSequence} cannot be deleted: the snapshot covers those up to {saved ?? 0}. Save a later snapshot first.", nameof(throughSequence));
    }
}
