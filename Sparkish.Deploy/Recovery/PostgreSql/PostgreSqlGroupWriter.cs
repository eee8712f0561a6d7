using Npgsql;
using NpgsqlTypes;
using Sparkish.Persistence;
using Sparkish.Persistence.Appending;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>Writes groups of appends to one journal over a connection of its own, each as one statement: so many calls share one commit.</summary>
internal sealed class PostgreSqlGroupWriter : SerialGroupWriter, IAsyncDisposable
{
    private const int MaxGroupEvents = 16_384;

    private readonly PostgreSqlDatabase _database;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _insert;
    private readonly ClaimedJournal _journal;
    private readonly TimeProvider _time;
    private Task _executing = Task.CompletedTask;

    private PostgreSqlGroupWriter(PostgreSqlDatabase database, NpgsqlCommand insert, ClaimedJournal journal, TimeProvider time) =>
        (_database, _insert, _connection, _journal, _time) = (database, insert, insert.Connection!, journal, time);

    /// <summary>Takes over a connection under which the journal was claimed.</summary>
    public static async ValueTask<PostgreSqlGroupWriter> StartAsync(
        PostgreSqlDatabase database, NpgsqlConnection connection, ClaimedJournal journal, TimeProvider time, CancellationToken cancellationToken)
    {
        // The row of the journal is changed only where it holds our claim and the event that we know as the last; no row, no events. All in one transaction,
        // as any statement is.
        var insert = connection.Command($"""
            WITH mine AS (
                UPDATE {database.Schema}.journals SET last_sequence = last_sequence + cardinality($5) WHERE id = $1 AND claim = $2 AND last_sequence = $4 RETURNING id
            )
            INSERT INTO {database.Schema}.events (journal, sequence, epoch, payload)
            SELECT mine.id, $4 + e.number, $3, e.payload FROM mine, unnest($5) WITH ORDINALITY AS e (payload, number)
            """, journal.Id, journal.Claim, journal.Epoch, journal.LastSequence,
            new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea, Value = Array.Empty<ReadOnlyMemory<byte>>() });
        try
        {
            await insert.PrepareAsync(cancellationToken).ConfigureAwait(false);
            return new PostgreSqlGroupWriter(database, insert, journal, time);
        }
        catch
        {
            await insert.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public override bool Fits(CommitGroup group, AppendWork next) =>
        group.Bytes + next.Bytes <= IJournal.MaxBatchBytes && group.EventCount + next.Events.Count <= MaxGroupEvents;

    public async ValueTask DisposeAsync()
    {
        await _executing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // Its failure was told to the callers.
        await _insert.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    protected override async Task WriteAsync(CommitGroup group)
    {
        try
        {
            var (last, count) = (group.FirstSequence - 1, 0);
            var payloads = new ReadOnlyMemory<byte>[group.EventCount];
            foreach (var append in group.Appends)
            {
                for (var i = 0; i < append.Events.Count; i++) payloads[count++] = append.Events[i];
            }

            _insert.Parameters[^2].Value = last;
            _insert.Parameters[^1].Value = payloads;
            if (await ExecuteAsync().ConfigureAwait(false) != count) throw await ExplainRefusalAsync(last).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgreSqlErrors.IsOfStore(e))
        {
            throw PostgreSqlErrors.Translate($"append to journal '{_journal.Name}'", _database, e);
        }
    }

    // When its time is over, Npgsql connects once more to cancel the statement, which takes long where the link is cut. Callers need not wait for that:
    // the connection is not used again anyway.
    private async ValueTask<int> ExecuteAsync()
    {
        var executing = _insert.ExecuteNonQueryAsync();
        _executing = executing;
        var limit = _insert.CommandTimeout > 0 ? TimeSpan.FromSeconds(_insert.CommandTimeout) : Timeout.InfiniteTimeSpan;
        return await executing.WaitAsync(limit, _time).ConfigureAwait(false);
    }

    private async ValueTask<JournalException> ExplainRefusalAsync(long last)
    {
        using var command = _connection.Command($"SELECT epoch, claim, last_sequence FROM {_database.Schema}.journals WHERE id = $1", _journal.Id);
        var row = await command.ExecuteReaderAsync().ConfigureAwait(false);
        await using var closing = row.ConfigureAwait(false);
        if (!await row.ReadAsync().ConfigureAwait(false))
            return new JournalCorruptException($"Journal '{_journal.Name}' was removed from {_database.Name} while it was open; restore it.");

        var (epoch, claim, sequence) = (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2));
        if (epoch > _journal.Epoch) return new StaleEpochException(_journal.Name, _journal.Epoch, epoch);
        if (epoch == _journal.Epoch && claim != _journal.Claim)
            return new JournalException($"Journal '{_journal.Name}' was opened anew under the same epoch; append to what was opened last.");
        return new JournalCorruptException(
            $"Journal '{_journal.Name}' in {_database.Name} has epoch {epoch} and ends with event {sequence}, but epoch {_journal.Epoch} and"
            + $" event {last} were acknowledged: the database lost what it had promised, or was changed by hand; restore it.");
    }
}
