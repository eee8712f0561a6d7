using System.Text;
using Sparkish.Persistence;

namespace Sparkish.Akka.Persistence.Records;

/// <summary>The names of all journals, as records of one log: journal plugins cannot list what they hold.</summary>
/// <param name="log">The log.</param>
/// <param name="time">The clock.</param>
internal sealed class JournalCatalog(RecordLog log, TimeProvider time)
{
    /// <summary>Adds a name unless it is there.</summary>
    /// <exception cref="JournalException">The store failed, or its content is damaged.</exception>
    public async Task AddAsync(string name, CancellationToken cancellationToken)
    {
        var commit = new RecordCommit(log, time);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var names = await ReadAsync(cancellationToken).ConfigureAwait(false);
            if (names.Contains(name, StringComparer.Ordinal)) return;
            var number = names.Count + 1L;
            var position = new JournalPosition(number, Guid.NewGuid(), Claim: 1, Epoch: 1, LastSequence: number, FirstRecord: 1, Snapshot: null);
            if (await commit.TryAsync(new JournalRecord(RecordKind.Batch, position, [Encoding.UTF8.GetBytes(name)])).ConfigureAwait(false)) return;
        }
    }

    /// <summary>All names, in the order of their adding.</summary>
    /// <inheritdoc cref="AddAsync"/>
    public async Task<IReadOnlyList<string>> ReadAsync(CancellationToken cancellationToken)
    {
        var names = new List<string>();
        var last = await log.ReadHighestAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var record in log.ReadAsync(1, last, cancellationToken).ConfigureAwait(false))
        {
            var name = record.Events is [var only] ? Encoding.UTF8.GetString(only.Span) : "";
            names.Add(JournalNames.IsName(name) ? name : throw new JournalCorruptException(
                $"Record {record.Position.Record} of '{log.PersistenceId}' holds no name of a journal. Restore the store from a backup."));
        }

        return names;
    }
}
