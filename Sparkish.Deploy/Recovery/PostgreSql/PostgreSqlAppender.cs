using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>
/// Appends to one journal over a connection of its own. What is called while a statement is under way is gathered and goes as one statement after it, so that
/// many calls share one commit.
/// </summary>
internal sealed class PostgreSqlAppender : IAsyncDisposable
{
    private const int MaxGroupEvents = 16_384;
    private const int MaxCalls = 4_096; // A caller beyond waits until there is room: nothing is refused.

    private readonly PostgreSqlDatabase _database;
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlCommand _insert;
    private readonly ClaimedJournal _journal;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Channel<Append> _calls = Channel.CreateBounded<Append>(new BoundedChannelOptions(MaxCalls) { SingleReader = true });
    private readonly Task _loop;
    private Task _executing = Task.CompletedTask;
    private JournalException? _failure;
    private long _lastSequence;

    private PostgreSqlAppender(PostgreSqlDatabase database, NpgsqlCommand insert, ClaimedJournal journal, TimeProvider time, ILogger log)
    {
        (_database, _insert, _connection, _journal, _time, _log) = (database, insert, insert.Connection!, journal, time, log);
        _lastSequence = journal.LastSequence;
        _loop = WriteAllAsync();
    }

    /// <summary>The number of the last event whose append was acknowledged.</summary>
    public long LastSequence => Volatile.Read(ref _lastSequence);

    /// <summary>Takes over a connection under which the journal was claimed.</summary>
    public static async ValueTask<PostgreSqlAppender> StartAsync(
        PostgreSqlDatabase database, NpgsqlConnection connection, ClaimedJournal journal, TimeProvider time, ILogger log, CancellationToken cancellationToken)
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
            return new PostgreSqlAppender(database, insert, journal, time, log);
        }
        catch
        {
            await insert.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public ValueTask<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken) =>
        EnqueueAsync(new Append(events, JournalBatches.Check(events)), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        _calls.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
        await _executing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // Its failure was told to the callers.
        await _insert.DisposeAsync().ConfigureAwait(false);
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<long> EnqueueAsync(Append call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfFailed();
        try
        {
            await _calls.Writer.WriteAsync(call, cancellationToken).ConfigureAwait(false);
            return await call.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(IJournal), $"Journal '{_journal.Name}' is closed.");
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Nobody knows whether its events are there, so none may follow them.
            Fail(new JournalException($"An append to journal '{_journal.Name}' was cancelled; open the journal anew to see what is there."));
            throw;
        }
    }

    private async Task WriteAllAsync()
    {
        var group = new List<Append>();
        while (await _calls.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            Gather(group);
            try
            {
                ThrowIfFailed();
                await WriteAsync(group).ConfigureAwait(false);
                foreach (var call in group) call.TrySetResult(call.LastSequence);
            }
            catch (Exception e)
            {
                var failure = Fail(PostgreSqlErrors.Translate($"append to journal '{_journal.Name}'", _database, e));
                foreach (var call in group) call.Fail(failure);
            }

            group.Clear();
        }
    }

    private void Gather(List<Append> group)
    {
        var (bytes, events) = (0L, 0);
        while (_calls.Reader.TryPeek(out var call))
        {
            if (group.Count > 0 && (bytes + call.Bytes > IJournal.MaxBatchBytes || events + call.Events.Count > MaxGroupEvents)) return;
            _calls.Reader.TryRead(out _);
            group.Add(call);
            (bytes, events) = (bytes + call.Bytes, events + call.Events.Count);
        }
    }

    private async ValueTask WriteAsync(List<Append> group)
    {
        var last = LastSequence;
        var payloads = new ReadOnlyMemory<byte>[group.Sum(call => call.Events.Count)];
        var count = 0;
        foreach (var call in group)
        {
            for (var i = 0; i < call.Events.Count; i++) payloads[count++] = call.Events[i];
            call.LastSequence = last + count;
        }

        _insert.Parameters[^2].Value = last;
        _insert.Parameters[^1].Value = payloads;
        if (await ExecuteAsync().ConfigureAwait(false) != count) throw await ExplainRefusalAsync(last).ConfigureAwait(false);
        Volatile.Write(ref _lastSequence, last + count);
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
        return new JournalCorruptException($"Journal '{_journal.Name}' in {_database.Name} has epoch {epoch} and ends with event {sequence}, but epoch {_journal.Epoch} and"
            + $" event {last} were acknowledged: the database lost what it had promised, or was changed by hand; restore it.");
    }

    private JournalException Fail(JournalException failure)
    {
        if (Interlocked.CompareExchange(ref _failure, failure, null) is { } earlier) return earlier;
        _log.JournalFailed(_journal.Name, failure.Message);
        return failure;
    }

    private void ThrowIfFailed()
    {
        switch (Volatile.Read(ref _failure))
        {
            case null: return;
            case StaleEpochException stale: throw new StaleEpochException(_journal.Name, stale.Epoch, stale.Current);
            case var e: throw new JournalException($"Journal '{_journal.Name}' takes nothing more, since an append failed before; open it anew. That failure was: {e.Message}", e);
        }
    }

    private sealed class Append(IReadOnlyList<ReadOnlyMemory<byte>> events, long bytes)
        : TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public IReadOnlyList<ReadOnlyMemory<byte>> Events => events;

        public long Bytes => bytes;

        public long LastSequence { get; set; }

        public void Fail(JournalException failure)
        {
            TrySetException(failure);
            _ = Task.Exception; // Seen, even if the caller does not wait any more.
        }
    }
}
