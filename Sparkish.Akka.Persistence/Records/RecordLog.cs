using System.Runtime.CompilerServices;
using Akka.Persistence;
using Sparkish.Akka.Persistence.Plugins;
using Sparkish.Persistence;

namespace Sparkish.Akka.Persistence.Records;

/// <summary>The records of one persistence id, checked as they are read.</summary>
/// <param name="plugin">The journal plugin.</param>
/// <param name="persistenceId">The persistence id.</param>
internal sealed class RecordLog(JournalPlugin plugin, string persistenceId)
{
    private const int Rereads = 5;
    private const int LargestWindow = 256;
    private const long SmallBytes = 1 << 20;

    public string PersistenceId => persistenceId;

    public string Place => plugin.Title;

    /// <summary>The last record; null if there is none. It is never deleted.</summary>
    /// <exception cref="JournalException">The plugin failed, or the record is damaged.</exception>
    public async Task<JournalRecord?> ReadLastAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var number = await plugin.ReadHighestAsync(persistenceId, cancellationToken).ConfigureAwait(false);
            if (number == 0) return null;
            if (await FindAsync(number, cancellationToken).ConfigureAwait(false) is { } record) return record;

            // Only if later writers have written and deleted meanwhile is it not there.
            if (attempt == Rereads) throw Missing(number);
        }
    }

    /// <summary>A record; null if there is none of this number, or none any more.</summary>
    /// <inheritdoc cref="ReadLastAsync"/>
    public async Task<JournalRecord?> FindAsync(long number, CancellationToken cancellationToken)
    {
        var (rows, _) = await plugin.ReadAsync(persistenceId, number, number, cancellationToken).ConfigureAwait(false);
        return rows.Count == 0 ? null : Decode(rows[0], number);
    }

    /// <summary>The highest number ever written.</summary>
    /// <inheritdoc cref="ReadLastAsync"/>
    public Task<long> ReadHighestAsync(CancellationToken cancellationToken) => plugin.ReadHighestAsync(persistenceId, cancellationToken);

    /// <summary>The records of a range, a few at a time. All of them must be there.</summary>
    /// <inheritdoc cref="ReadLastAsync"/>
    public async IAsyncEnumerable<JournalRecord> ReadAsync(long first, long last, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var window = 8;
        for (var from = first; from <= last;)
        {
            var to = Math.Min(last, from + window - 1);
            var (rows, _) = await plugin.ReadAsync(persistenceId, from, to, cancellationToken).ConfigureAwait(false);
            var bytes = 0L;
            foreach (var row in rows)
            {
                if (row.SequenceNr != from) break;
                bytes += (row.Payload as StoredBytes)?.Bytes.Length ?? 0;
                yield return Decode(row, from++);
            }

            if (from <= to) throw await ExplainMissingAsync(from, cancellationToken).ConfigureAwait(false);
            window = bytes < SmallBytes ? Math.Min(LargestWindow, window * 2) : Math.Max(1, window / 2);
        }
    }

    /// <summary>The number of the first record in a range behind which a sequence is exceeded; the one after the range if none is.</summary>
    /// <inheritdoc cref="ReadLastAsync"/>
    public async Task<long> FindFirstBeyondAsync(long sequence, long first, long last, CancellationToken cancellationToken)
    {
        var (low, high) = (first, last + 1);
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var record = await FindAsync(middle, cancellationToken).ConfigureAwait(false)
                ?? throw await ExplainMissingAsync(middle, cancellationToken).ConfigureAwait(false);
            if (record.Position.LastSequence > sequence) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    /// <inheritdoc cref="JournalPlugin.TryWriteAsync"/>
    public Task<Exception?> TryWriteAsync(long number, byte[] bytes) => plugin.TryWriteAsync(persistenceId, number, bytes);

    /// <summary>Deletes the records before a number.</summary>
    /// <inheritdoc cref="JournalPlugin.DeleteAsync"/>
    public Task DeleteBeforeAsync(long number, CancellationToken cancellationToken) => plugin.DeleteAsync(persistenceId, number - 1, cancellationToken);

    /// <summary>A writer may delete records while they are read.</summary>
    private async Task<JournalException> ExplainMissingAsync(long number, CancellationToken cancellationToken) =>
        await ReadLastAsync(cancellationToken).ConfigureAwait(false) is { } last && last.Position.FirstRecord > number
            ? new JournalException($"Record {number} of '{persistenceId}' was deleted while the journal was read: read again, from its latest snapshot.")
            : Missing(number);

    private JournalCorruptException Missing(long number) =>
        new($"Record {number} of '{persistenceId}' is missing in {plugin.Title}, and later ones are there. Restore the journal from a backup.");

    private JournalRecord Decode(IPersistentRepresentation row, long number)
    {
        if (row.SequenceNr != number || (row.PersistenceId is { Length: > 0 } id && !string.Equals(id, persistenceId, StringComparison.Ordinal)))
            throw new JournalCorruptException(
                $"The plugin returned record {row.SequenceNr} of '{row.PersistenceId}' for record {number} of '{persistenceId}': its database must compare ids by case.");
        if (row.Payload is not StoredBytes stored)
            throw new JournalCorruptException(
                $"Record {number} of '{persistenceId}' holds {row.Payload?.GetType().ToString() ?? "nothing"}, which Sparkish did not write: another program uses "
                + "this persistence id. Give Sparkish a prefix of its own (spark.deploy.akka.prefix).");
        return JournalRecord.Decode(persistenceId, number, stored.Bytes);
    }
}
