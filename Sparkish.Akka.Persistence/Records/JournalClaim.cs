using Sparkish.Persistence;

namespace Sparkish.Akka.Persistence.Records;

/// <summary>Takes a journal over: writes a claim behind its last record. From then on earlier writers find the number of their next record taken.</summary>
/// <param name="log">The journal's records.</param>
/// <param name="catalog">The names of all journals.</param>
/// <param name="writers">The writers of this store.</param>
/// <param name="time">The clock.</param>
internal sealed class JournalClaim(RecordLog log, JournalCatalog catalog, StoreWriters writers, TimeProvider time)
{
    // A busy writer may be faster a few times.
    private const int MaxAttempts = 1_000;

    /// <param name="name">The journal's name.</param>
    /// <param name="epoch">The epoch; null for the next one.</param>
    /// <param name="isOpen">Whether this store has the journal open under the epoch.</param>
    /// <param name="known">The last record that was acknowledged to this process; 0 if none was.</param>
    /// <param name="cancellationToken">Cancels the claim.</param>
    /// <exception cref="StaleEpochException">A later epoch has begun, or this one elsewhere.</exception>
    /// <exception cref="JournalException">The store failed, or its content is damaged.</exception>
    public async Task<JournalPosition> MakeAsync(string name, long? epoch, bool isOpen, long known, CancellationToken cancellationToken)
    {
        var commit = new RecordCommit(log, time);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var last = (await log.ReadLastAsync(cancellationToken).ConfigureAwait(false))?.Position;
            if ((last?.Record ?? 0) < known)
            {
                throw new JournalCorruptException(
                    $"Journal '{name}' in {log.Place} ends with record {last?.Record ?? 0}, but record {known} was acknowledged: the store lost committed data. Restore it.");
            }

            if (last is not null && epoch is { } given && (given < last.Epoch || (given == last.Epoch && (isOpen || !writers.Has(last.Writer)))))
                throw new StaleEpochException(name, given, last.Epoch);
            if (last is null) await catalog.AddAsync(name, cancellationToken).ConfigureAwait(false);
            var claim = Next(last, epoch);
            if (await commit.TryAsync(new JournalRecord(RecordKind.Claim, claim, [])).ConfigureAwait(false)) return claim;
        }

        throw new JournalException($"Cannot take over journal '{name}' in {log.Place}: others wrote faster {MaxAttempts} times. Try again.");
    }

    private JournalPosition Next(JournalPosition? last, long? epoch)
    {
        var (record, writer) = ((last?.Record ?? 0) + 1, writers.New());
        return last is null
            ? new JournalPosition(record, writer, record, epoch ?? 1, LastSequence: 0, FirstRecord: record, Snapshot: null)
            : last with { Record = record, Writer = writer, Claim = record, Epoch = epoch ?? last.Epoch + 1 };
    }
}
