using System.Runtime.CompilerServices;
using Sparkish.Akka.Persistence.Plugins;
using Sparkish.Akka.Persistence.Records;
using Sparkish.Persistence;

namespace Sparkish.Akka.Persistence;

/// <summary>Reads a journal: its last record tells which records count and where the snapshot is.</summary>
internal sealed class AkkaJournalReader(string name, RecordLog log, SnapshotPlugin snapshots, string snapshotsId) : IJournalReader
{
    private const int Rereads = 5;

    public string Name => name;

    public async ValueTask<JournalSnapshot?> ReadSnapshotAsync(CancellationToken cancellationToken = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            if ((await LastAsync(cancellationToken).ConfigureAwait(false)).Snapshot is not { } snapshot) return null;
            if (await snapshots.FindAsync(snapshotsId, snapshot, cancellationToken).ConfigureAwait(false) is { } payload)
                return new JournalSnapshot(snapshot.Sequence, payload);

            // The writer may have replaced it between the two reads.
            if (attempt < Rereads) continue;
            throw new JournalCorruptException(
                $"Snapshot {snapshot.Number} of '{snapshotsId}', which covers the events up to {snapshot.Sequence}, is missing in {snapshots.Title}. "
                + "All nodes must share one snapshot store: check its settings, or restore it from a backup.");
        }
    }

    public async IAsyncEnumerable<JournalEntry> ReadAsync(long afterSequence, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var end = await LastAsync(cancellationToken).ConfigureAwait(false);
        if (afterSequence > end.LastSequence)
            throw new JournalException($"Journal '{name}' in {log.Place} ends with event {end.LastSequence}, and event {afterSequence} is asked for: later events are missing.");
        if (afterSequence == end.LastSequence) yield break;
        var first = afterSequence == 0
            ? end.FirstRecord
            : await log.FindFirstBeyondAsync(afterSequence, end.FirstRecord, end.Record, cancellationToken).ConfigureAwait(false);
        var (next, epoch, isFirst) = (afterSequence + 1, 0L, true);
        await foreach (var record in log.ReadAsync(first, end.Record, cancellationToken).ConfigureAwait(false))
        {
            var position = record.Position;
            if (position.Epoch < epoch) throw Broken(position.Record, $"its epoch is {position.Epoch}, and that of the record before is {epoch}");
            epoch = position.Epoch;
            if (record.Events.Count == 0) continue;
            if (record.FirstSequence > next && !(isFirst && record.FirstSequence - 1 <= (end.Snapshot?.Sequence ?? 0)))
                throw Broken(position.Record, $"it begins with event {record.FirstSequence} where {next} is due");
            isFirst = false;
            for (var i = 0; i < record.Events.Count; i++)
            {
                var sequence = record.FirstSequence + i;
                if (sequence <= afterSequence) continue;
                cancellationToken.ThrowIfCancellationRequested();
                yield return new JournalEntry(sequence, epoch, record.Events[i]);
            }

            next = position.LastSequence + 1;
        }

        if (next <= end.LastSequence && !(isFirst && end.LastSequence <= (end.Snapshot?.Sequence ?? 0)))
            throw Broken(end.Record, $"the last event before it is {next - 1}, and it says {end.LastSequence}");
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<JournalPosition> LastAsync(CancellationToken cancellationToken) =>
        (await log.ReadLastAsync(cancellationToken).ConfigureAwait(false))?.Position
            ?? throw new JournalException($"There is no journal '{name}' in {log.Place}: check the name, the prefix and the store.");

    private JournalCorruptException Broken(long record, string how) =>
        new($"Record {record} of '{log.PersistenceId}' in {log.Place} does not follow the one before: {how}. Restore the journal from a backup.");
}
