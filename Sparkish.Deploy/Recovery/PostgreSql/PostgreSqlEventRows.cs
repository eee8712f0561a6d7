using System.Data;
using Npgsql;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>
/// The events of a journal at one moment. They are fetched a thousand at a time and returned as they are read, so that an enumeration that stops early discards
/// little.
/// </summary>
internal sealed class PostgreSqlEventRows : IAsyncDisposable
{
    private const int FetchedAtOnce = 1_000;

    private readonly PooledConnection _pooled;
    private readonly NpgsqlTransaction _transaction;
    private readonly string _where;
    private NpgsqlCommand? _fetch;
    private NpgsqlDataReader? _rows;
    private long _next;
    private long _snapshot;
    private long _last;
    private bool _mayStartLater;

    private PostgreSqlEventRows(PooledConnection pooled, NpgsqlTransaction transaction, string where) =>
        (_pooled, _transaction, _where) = (pooled, transaction, where);

    /// <param name="pool">The pool of connections.</param>
    /// <param name="schema">The schema, quoted.</param>
    /// <param name="journal">The number of the journal.</param>
    /// <param name="where">Which journal in which database, for messages.</param>
    /// <param name="afterSequence">The event before the first requested one.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public static async ValueTask<PostgreSqlEventRows> OpenAsync(
        PostgreSqlPool pool, string schema, long journal, string where, long afterSequence, CancellationToken cancellationToken)
    {
        var pooled = await pool.ReadAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var transaction = await pooled.Connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken).ConfigureAwait(false);
            var rows = new PostgreSqlEventRows(pooled, transaction, where);
            await rows.StartAsync(schema, journal, afterSequence, cancellationToken).ConfigureAwait(false);
            return rows;
        }
        catch
        {
            await pooled.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Returns the next event; null at the end.</summary>
    /// <exception cref="JournalException">Events before the end are missing.</exception>
    public async ValueTask<JournalEntry?> NextAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested(); // Rows that are here already are read without asking it.
        for (var fetched = false; ; fetched = true)
        {
            if (_rows is not null)
            {
                if (await _rows.ReadAsync(cancellationToken).ConfigureAwait(false)) return Check(_rows);
                await _rows.DisposeAsync().ConfigureAwait(false);
                _rows = null;
            }

            if (_next > _last || (_mayStartLater && _snapshot == _last && fetched)) return null;
            if (fetched) throw Missing();
            _fetch!.Parameters[1].Value = _next;
            _rows = await _fetch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_rows is not null) await _rows.DisposeAsync().ConfigureAwait(false);
        if (_fetch is not null) await _fetch.DisposeAsync().ConfigureAwait(false);
        await _transaction.DisposeAsync().ConfigureAwait(false);
        await _pooled.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask StartAsync(string schema, long journal, long afterSequence, CancellationToken cancellationToken)
    {
        using var find = _pooled.Connection.Command(
            $"SELECT last_sequence, (SELECT sequence FROM {schema}.snapshots WHERE journal = id) FROM {schema}.journals WHERE id = $1", journal);
        var row = await find.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using (row.ConfigureAwait(false))
        {
            if (!await row.ReadAsync(cancellationToken).ConfigureAwait(false))
                throw new JournalException($"Cannot read {_where}: it was removed by hand; restore it.");

            _last = row.GetInt64(0);
            _snapshot = await row.IsDBNullAsync(1, cancellationToken).ConfigureAwait(false) ? 0 : row.GetInt64(1);
        }

        if (Math.Max(afterSequence, _snapshot) > _last) throw TooShort(Math.Max(afterSequence, _snapshot));
        (_next, _mayStartLater) = (afterSequence + 1, afterSequence == 0);
        _fetch = _pooled.Connection.Command($"""
            SELECT sequence, epoch, {PostgreSqlJournalReader.BoundedPayload} FROM {schema}.events
            WHERE journal = $1 AND sequence >= $2 ORDER BY sequence LIMIT {FetchedAtOnce}
            """, journal, _next);
        await _fetch.PrepareAsync(cancellationToken).ConfigureAwait(false);
    }

    private JournalEntry Check(NpgsqlDataReader row)
    {
        var sequence = row.GetInt64(0);
        if (sequence != _next && !(_mayStartLater && sequence <= _snapshot + 1)) throw Missing();
        (_next, _mayStartLater) = (sequence + 1, false);
        return new JournalEntry(sequence, row.GetInt64(1), PostgreSqlJournalReader.Payload(row, 2, $"Event {sequence} of {_where}"));
    }

    private JournalException Missing() => _next <= _snapshot
        ? new JournalException($"Event {_next} of {_where} was deleted after a snapshot: read the snapshot, and the events after {_snapshot}.")
        : new JournalCorruptException(
            $"Event {_next} of {_where} is missing, though the journal ends with event {_last}: it was removed by hand; restore the database.");

    private JournalCorruptException TooShort(long known) =>
        new(
            $"Event {known} of {_where} was acknowledged, but the journal ends with event {_last}: the database lost committed data, or was changed by hand; restore it.");
}
