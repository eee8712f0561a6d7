using Sparkish.Akka.Persistence.Plugins;
using Sparkish.Persistence;

namespace Sparkish.Akka.Persistence.Records;

/// <summary>
/// Finds out whether a plugin accepts a number twice. A stale writer is rejected by nothing else, and no setting tells. So the first record of a persistence id
/// of its own is written twice.
/// </summary>
internal static class UniqueNumbers
{
    /// <exception cref="JournalException">The plugin accepts a number twice.</exception>
    public static async Task CheckAsync(JournalPlugin plugin, string persistenceId, CancellationToken cancellationToken)
    {
        var log = new RecordLog(plugin, persistenceId);
        if (await log.ReadHighestAsync(cancellationToken).ConfigureAwait(false) == 0) await TryWriteAsync(log).ConfigureAwait(false);

        // A failure for another reason proves nothing, and the claim that follows then fails too.
        if (await TryWriteAsync(log).ConfigureAwait(false) is not null) return;
        throw new JournalException(
            $"{plugin.Title} accepted a second record 1 of '{persistenceId}': it cannot reject a stale writer, and its journals could be written by two leaders. "
            + "Use a plugin whose store has a unique key of persistence id and sequence number, such as Akka.Persistence.Sql with its own tables.");
    }

    private static Task<Exception?> TryWriteAsync(RecordLog log)
    {
        var position = new JournalPosition(Record: 1, Guid.NewGuid(), Claim: 1, Epoch: 1, LastSequence: 0, FirstRecord: 1, Snapshot: null);
        return log.TryWriteAsync(1, new JournalRecord(RecordKind.Claim, position, []).Encode(log.PersistenceId));
    }
}
