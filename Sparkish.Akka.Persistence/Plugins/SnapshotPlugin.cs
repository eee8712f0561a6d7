using Akka.Persistence;
using Sparkish.Persistence;

namespace Sparkish.Akka.Persistence.Plugins;

/// <summary>
/// A snapshot store. It holds bytes under numbers that are never used twice. Which of them is the snapshot of a journal is decided by the journal's records,
/// where a stale writer is rejected: snapshot stores reject nobody.
/// </summary>
internal sealed class SnapshotPlugin(PluginCaller caller)
{
    private const byte Version = 1;

    public string Title => caller.Title;

    /// <exception cref="JournalException">The plugin failed.</exception>
    public Task SaveAsync(string persistenceId, long number, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var bytes = new byte[payload.Length + 1];
        bytes[0] = Version; // Some databases cannot tell empty bytes from none.
        payload.Span.CopyTo(bytes.AsSpan(1));
        return caller.CallAsync(
            $"save snapshot {number} of '{persistenceId}' ({payload.Length} bytes)",
            _ => new SaveSnapshot(new SnapshotMetadata(persistenceId, number, DateTime.MinValue), new StoredBytes(bytes)), // the store sets the time
            static reply => reply is SaveSnapshotFailure m ? throw m.Cause : reply is SaveSnapshotSuccess, cancellationToken);
    }

    /// <summary>Reads what is stored under a number; null if nothing is.</summary>
    /// <exception cref="JournalException">The plugin failed.</exception>
    /// <exception cref="JournalCorruptException">It is not what was saved.</exception>
    public async Task<ReadOnlyMemory<byte>?> FindAsync(string persistenceId, SnapshotReference snapshot, CancellationToken cancellationToken)
    {
        SelectedSnapshot? found = null;
        await caller.CallAsync(
            $"read snapshot {snapshot.Number} of '{persistenceId}'",
            _ => new LoadSnapshot(persistenceId, new SnapshotSelectionCriteria(snapshot.Number, DateTime.MaxValue, snapshot.Number), long.MaxValue),
            reply =>
            {
                if (reply is LoadSnapshotFailed failed) throw failed.Cause;
                if (reply is not LoadSnapshotResult result) return false;
                found = result.Snapshot;
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        if (found?.Metadata.SequenceNr != snapshot.Number) return null;
        if (found.Snapshot is StoredBytes { Bytes: [Version, ..] bytes } && bytes.Length - 1 == snapshot.Length
            && StoredChecksum.Of(persistenceId, snapshot.Number, bytes.AsSpan(1)) == snapshot.Checksum)
            return bytes.AsMemory(1);
        throw new JournalCorruptException(
            $"Snapshot {snapshot.Number} of '{persistenceId}', which covers the events up to {snapshot.Sequence}, is not what was saved"
            + $" ({snapshot.Length} bytes, checksum {snapshot.Checksum:x8}). Restore the snapshot store from a backup.");
    }

    /// <summary>Deletes what is stored below a number.</summary>
    /// <exception cref="JournalException">The plugin failed.</exception>
    public Task DeleteBelowAsync(string persistenceId, long number, CancellationToken cancellationToken) => caller.CallAsync(
        $"delete the snapshots of '{persistenceId}' below {number}",
        _ => new DeleteSnapshots(persistenceId, new SnapshotSelectionCriteria(number - 1, DateTime.MaxValue)),
        static reply => reply is DeleteSnapshotsFailure m ? throw m.Cause : reply is DeleteSnapshotsSuccess, cancellationToken);
}
