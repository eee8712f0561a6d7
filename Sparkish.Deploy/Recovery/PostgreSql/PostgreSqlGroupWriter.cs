using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Sparkish.Persistence;
using Sparkish.Persistence.Appending;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>
/// Writes groups of appends to one journal, each as one statement over any connection of the store: so many calls share one commit, and many journals share few
/// connections.
/// </summary>
internal sealed class PostgreSqlGroupWriter(PostgreSqlDatabase database, PostgreSqlPool pool, ClaimedJournal journal, TimeProvider time, ILogger log)
    : SerialGroupWriter, IAsyncDisposable
{
    private const int MaxGroupEvents = 16_384;

    /// <summary>Maximum number of retries of an append whose connection broke: less than a second in all.</summary>
    private const int MaxRepeats = 3;

    // The row of the journal is changed only if it holds our claim and the last event that we know; without the row, no events are inserted. One statement is
    // one transaction.
    private readonly string _insert = $"""
        WITH mine AS (
            UPDATE {database.Schema}.journals SET last_sequence = last_sequence + cardinality($5) WHERE id = $1 AND claim = $2 AND last_sequence = $4 RETURNING id
        )
        INSERT INTO {database.Schema}.events (journal, sequence, epoch, payload)
        SELECT mine.id, $4 + e.number, $3, e.payload FROM mine, unnest($5) WITH ORDINALITY AS e (payload, number)
        """;

    private Task _executing = Task.CompletedTask;

    public override bool Fits(CommitGroup group, AppendWork next) =>
        group.Bytes + next.Bytes <= IJournal.MaxBatchBytes && group.EventCount + next.Events.Count <= MaxGroupEvents;

    // The callers have received the failures of pending statements.
    public async ValueTask DisposeAsync() => await _executing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    protected override async Task WriteAsync(CommitGroup group)
    {
        var (last, count) = (group.FirstSequence - 1, 0);
        var payloads = new ReadOnlyMemory<byte>[group.EventCount];
        foreach (var append in group.Appends)
        {
            for (var i = 0; i < append.Events.Count; i++) payloads[count++] = append.Events[i];
        }

        for (var repeats = 0; !await TryInsertAsync(last, payloads, repeats).ConfigureAwait(false); repeats++)
            await Task.Delay(ElectionBackoff.DelayAfter(repeats + 1), time).ConfigureAwait(false);
    }

    /// <returns>Whether it is done; otherwise the connection broke.</returns>
    private async ValueTask<bool> TryInsertAsync(long last, ReadOnlyMemory<byte>[] payloads, int repeats)
    {
        try
        {
            await InsertAsync(last, payloads, isRepeated: repeats > 0).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (PostgreSqlErrors.IsBrokenConnection(e) && repeats < MaxRepeats)
        {
            // An idle connection may have been broken for long. Whether the statement was executed is unknown, but a retry is harmless: it changes nothing
            // unless the journal ends with the event before it.
            log.WritesAgain(journal.Name, PostgreSqlErrors.Reason(database, e));
            pool.Renew();
            return false;
        }
        catch (Exception e) when (PostgreSqlErrors.IsOfStore(e))
        {
            throw PostgreSqlErrors.Translate($"append to journal '{journal.Name}'", database, e);
        }
    }

    private async ValueTask InsertAsync(long last, ReadOnlyMemory<byte>[] payloads, bool isRepeated)
    {
        var executing = ExecuteAsync(last, payloads, isRepeated);
        _executing = executing;

        // After a timeout, Npgsql connects once more to cancel the statement, which takes long over a broken link. Callers need not wait for that: the journal
        // ends anyway.
        await executing.WaitAsync(database.CommandTime, time).ConfigureAwait(false);
    }

    private async Task ExecuteAsync(long last, ReadOnlyMemory<byte>[] payloads, bool isRepeated)
    {
        var pooled = await pool.WriteAsync(CancellationToken.None).ConfigureAwait(false);
        await using var ending = pooled.ConfigureAwait(false);
        using var insert = pooled.Connection.Command(_insert, journal.Id, journal.Claim, journal.Epoch, last,
            new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea, Value = payloads });
        await insert.PrepareAsync().ConfigureAwait(false); // Once per connection, which keeps it.
        if (await insert.ExecuteNonQueryAsync().ConfigureAwait(false) == payloads.Length) return;
        if (await ExplainRefusalAsync(pooled.Connection, last, isRepeated ? last + payloads.Length : last).ConfigureAwait(false) is { } refusal) throw refusal;
    }

    /// <summary>Returns the reason why nothing was written; null if this statement wrote the events on an earlier attempt.</summary>
    private async ValueTask<JournalException?> ExplainRefusalAsync(NpgsqlConnection connection, long last, long sent)
    {
        using var command = connection.Command($"SELECT epoch, claim, last_sequence FROM {database.Schema}.journals WHERE id = $1", journal.Id);
        var row = await command.ExecuteReaderAsync().ConfigureAwait(false);
        await using var closing = row.ConfigureAwait(false);
        if (!await row.ReadAsync().ConfigureAwait(false))
            return new JournalCorruptException($"Journal '{journal.Name}' was removed from {database.Name} while it was open; restore it.");

        var (epoch, claim, sequence) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
        if (claim == journal.Claim && sequence == sent && sent != last) return null;
        if (epoch > journal.Epoch) return new StaleEpochException(journal.Name, journal.Epoch, epoch);
        if (epoch == journal.Epoch && claim != journal.Claim)
            return new JournalException($"Journal '{journal.Name}' was opened again under the same epoch; append to the journal that was opened last.");
        return new JournalCorruptException(
            $"Journal '{journal.Name}' in {database.Name} has epoch {epoch} and ends with event {sequence}, but epoch {journal.Epoch} and"
            + $" event {last} were acknowledged: the database lost committed data, or was changed by hand; restore it.");
    }
}
