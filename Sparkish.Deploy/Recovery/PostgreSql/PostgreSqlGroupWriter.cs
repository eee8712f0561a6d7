using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Sparkish.Persistence;
using Sparkish.Persistence.Appending;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>
/// Writes groups of appends to one journal, each as one statement over any connection of the store: so many calls share one commit, and many journals share
/// few connections.
/// </summary>
internal sealed class PostgreSqlGroupWriter(PostgreSqlDatabase database, PostgreSqlPool pool, ClaimedJournal journal, TimeProvider time, ILogger log)
    : SerialGroupWriter, IAsyncDisposable
{
    private const int MaxGroupEvents = 16_384;

    /// <summary>An append is sent again so often after its connection broke: for less than a second in all.</summary>
    private const int MaxRepeats = 3;

    // The row of the journal is changed only where it holds our claim and the event that we know as the last; no row, no events. All in one transaction, as
    // any statement is.
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

    // What a statement under way fails with was told to the callers.
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

    /// <returns>Whether it is done; else the connection broke.</returns>
    private async ValueTask<bool> TryInsertAsync(long last, ReadOnlyMemory<byte>[] payloads, int repeats)
    {
        try
        {
            await InsertAsync(last, payloads, isRepeated: repeats > 0).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (PostgreSqlErrors.IsBrokenConnection(e) && repeats < MaxRepeats)
        {
            // An idle connection may have been broken for long. Whether the statement was executed is not known, but it is harmless to say it again: it
            // changes nothing where the journal does not end with the event before it.
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

        // When its time is over, Npgsql connects once more to cancel the statement, which takes long where the link is cut. Callers need not wait for that:
        // the journal ends then anyway.
        await executing.WaitAsync(database.CommandTime, time).ConfigureAwait(false);
    }

    private async Task ExecuteAsync(long last, ReadOnlyMemory<byte>[] payloads, bool isRepeated)
    {
        var pooled = await pool.WriteAsync(CancellationToken.None).ConfigureAwait(false);
        await using var ending = pooled.ConfigureAwait(false);
        using var insert = pooled.Connection.Command(_insert, journal.Id, journal.Claim, journal.Epoch, last,
            new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea, Value = payloads });
        await insert.PrepareAsync().ConfigureAwait(false); // Once on each connection, which keeps it.
        if (await insert.ExecuteNonQueryAsync().ConfigureAwait(false) == payloads.Length) return;
        if (await ExplainRefusalAsync(pooled.Connection, last, isRepeated ? last + payloads.Length : last).ConfigureAwait(false) is { } refusal) throw refusal;
    }

    /// <summary>Why nothing was written; null where it was, by the same statement when it was sent before.</summary>
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
            + $" event {last} were acknowledged: the database lost what it had promised, or was changed by hand; restore it.");
    }
}
