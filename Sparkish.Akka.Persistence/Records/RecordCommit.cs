using Sparkish.Akka.Persistence.Plugins;
using Sparkish.Persistence;

namespace Sparkish.Akka.Persistence.Records;

/// <summary>
/// Writes a record under the next number of its log, where at most one writer succeeds: the store accepts each number once. A failed write may have been stored
/// or not, so the log is read to find out.
/// </summary>
/// <remarks>
/// Numbers of deleted records are free again in most stores. A writer that was suspended for long could therefore write one of them with success, although
/// later writers have gone past it. So a success counts only if the record is the last one, or is followed by a claim that includes it. The last record is
/// never deleted, hence a record before it that is not followed so has been overtaken.
/// </remarks>
internal sealed class RecordCommit(RecordLog log, TimeProvider time)
{
    private const int MaxRepeats = 4;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Writes a record.</summary>
    /// <returns>Whether it is durable and counts; false if another writer has taken its number.</returns>
    /// <exception cref="JournalException">The outcome is unknown, or the store refuses it.</exception>
    public async Task<bool> TryAsync(JournalRecord record)
    {
        var bytes = record.Encode(log.PersistenceId);
        for (var repeats = 0; ; repeats++)
        {
            Exception? failure;
            try
            {
                failure = await log.TryWriteAsync(record.Position.Record, bytes).ConfigureAwait(false);
                if (failure is null) return await CountsAsync(record).ConfigureAwait(false);
                if (await FindOutcomeAsync(record).ConfigureAwait(false) is { } outcome) return outcome;
            }
            catch (JournalException error) when (error is not JournalCorruptException)
            {
                failure = error;
            }

            // Repeating is harmless: the number is accepted once, and the record is the same.
            if (repeats == MaxRepeats)
            {
                throw failure as JournalException ?? new JournalException(
                    $"Cannot write record {record.Position.Record} of '{log.PersistenceId}' ({bytes.Length} bytes) by {log.Place}: {PluginCaller.ReasonOf(failure)}.", failure);
            }

            await Task.Delay(FirstPause * (1 << repeats), time).ConfigureAwait(false);
        }
    }

    /// <returns>Whether a write that failed is stored and counts; null if nothing is stored.</returns>
    private async Task<bool?> FindOutcomeAsync(JournalRecord record)
    {
        var position = record.Position;
        if (await log.FindAsync(position.Record, CancellationToken.None).ConfigureAwait(false) is { } found)
            return found.Position.Writer == position.Writer && await CountsAsync(record).ConfigureAwait(false);
        return await log.ReadHighestAsync(CancellationToken.None).ConfigureAwait(false) >= position.Record ? false : null;
    }

    private async Task<bool> CountsAsync(JournalRecord record)
    {
        var (number, sequence) = (record.Position.Record, record.Position.LastSequence);
        var highest = await log.ReadHighestAsync(CancellationToken.None).ConfigureAwait(false);
        if (highest == number) return true;
        if (highest < number)
        {
            throw new JournalCorruptException(
                $"Record {number} of '{log.PersistenceId}' was acknowledged, and the last one in {log.Place} is {highest}: the store lost it, or reads do not see"
                + " writes. Use a store whose reads see all acknowledged writes.");
        }

        return await log.FindAsync(number + 1, CancellationToken.None).ConfigureAwait(false) is { Kind: RecordKind.Claim, Position: var next }
            && next.LastSequence == sequence && next.FirstRecord <= number;
    }
}
