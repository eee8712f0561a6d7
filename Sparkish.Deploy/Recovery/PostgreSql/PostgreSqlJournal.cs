using Microsoft.Extensions.Logging;
using Sparkish.Persistence;
using Sparkish.Persistence.Appending;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>A journal that was claimed under an epoch. It has no connection of its own: each statement uses one of the store's shared connections.</summary>
internal sealed class PostgreSqlJournal : IJournal
{
    private readonly PostgreSqlDatabase _database;
    private readonly PostgreSqlPool _pool;
    private readonly PostgreSqlJournalReader _reader;
    private readonly PostgreSqlGroupWriter _writer;
    private readonly GroupCommit _commits;
    private readonly Action<PostgreSqlJournal> _closed;
    private readonly long _id;
    private readonly long _claim;
    private long? _snapshot;
    private int _disposed;

    public PostgreSqlJournal(
        PostgreSqlDatabase database, PostgreSqlPool pool, ClaimedJournal claim,
            PostgreSqlGroupWriter writer, AppendLimits limits, ILogger log, Action<PostgreSqlJournal> closed)
    {
        (_database, _pool, _writer, _closed) = (database, pool, writer, closed);
        (_id, Name, Epoch, _claim, _snapshot) = (claim.Id, claim.Name, claim.Epoch, claim.Claim, claim.Snapshot);
        _reader = new PostgreSqlJournalReader(database, pool, claim.Id, claim.Name);
        _commits = new GroupCommit(Name, database.Name, writer, limits, claim.LastSequence, error => log.JournalFailed(Name, error.Message));
    }

    public string Name { get; }

    public long Epoch { get; }

    public long LastSequence => _commits.LastSequence;

    public ValueTask<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> events, CancellationToken cancellationToken = default) =>
        _commits.AppendAsync(events, cancellationToken);

    public ValueTask<JournalSnapshot?> ReadSnapshotAsync(CancellationToken cancellationToken = default) => _reader.ReadSnapshotAsync(cancellationToken);

    public IAsyncEnumerable<JournalEntry> ReadAsync(long afterSequence, CancellationToken cancellationToken = default) =>
        _reader.ReadAsync(afterSequence, cancellationToken);

    public async ValueTask SaveSnapshotAsync(JournalSnapshot snapshot, CancellationToken cancellationToken = default)
    {
        _commits.ThrowIfRefused();
        JournalBatches.Check(snapshot, LastSequence, _snapshot);

        // The row of the journal is locked against claims, which need it exclusively, but not against appends.
        await ExecuteAsync("save a snapshot of", $"""
            WITH mine AS (SELECT id FROM {_database.Schema}.journals WHERE id = $1 AND claim = $2 FOR KEY SHARE)
            INSERT INTO {_database.Schema}.snapshots (journal, sequence, epoch, payload) SELECT mine.id, $3, $5, $4 FROM mine
            ON CONFLICT (journal) DO UPDATE SET sequence = excluded.sequence, epoch = excluded.epoch, payload = excluded.payload
            RETURNING sequence
            """, [_id, _claim, snapshot.Sequence, snapshot.Payload, Epoch], cancellationToken).ConfigureAwait(false);
        _snapshot = snapshot.Sequence;
    }

    public async ValueTask TruncateAsync(long throughSequence, CancellationToken cancellationToken = default)
    {
        _commits.ThrowIfRefused();
        JournalBatches.CheckTruncation(throughSequence, _snapshot);

        await ExecuteAsync("truncate", $"""
            WITH mine AS (SELECT id FROM {_database.Schema}.journals WHERE id = $1 AND claim = $2 FOR KEY SHARE),
                 gone AS (DELETE FROM {_database.Schema}.events USING mine WHERE journal = mine.id AND sequence <= $3)
            SELECT id FROM mine
            """, [_id, _claim, throughSequence], cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        await _commits.CloseAsync(() => new ObjectDisposedException(nameof(IJournal), $"The journal '{Name}' is closed.")).ConfigureAwait(false);
        await _writer.DisposeAsync().ConfigureAwait(false);
        _closed(this);
    }

    /// <summary>Runs a statement that returns a row if the journal is still ours.</summary>
    private async ValueTask ExecuteAsync(string action, string sql, object[] values, CancellationToken cancellationToken)
    {
        try
        {
            var stranger = await _pool.TwiceAsync(() => TryExecuteAsync(sql, values, cancellationToken)).ConfigureAwait(false);
            if (stranger is not { } current) return;
            _commits.Refuse(() => new StaleEpochException(Name, Epoch, current));
            throw new StaleEpochException(Name, Epoch, current);
        }
        catch (Exception e) when (PostgreSqlErrors.IsOfStore(e))
        {
            throw PostgreSqlErrors.Translate($"{action} journal '{Name}'", _database, e);
        }
    }

    /// <summary>Returns null if the journal is still ours, else its current epoch.</summary>
    private async ValueTask<long?> TryExecuteAsync(string sql, object[] values, CancellationToken cancellationToken)
    {
        var pooled = await _pool.WriteAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = pooled.ConfigureAwait(false);
        using var command = pooled.Connection.Command(sql, values);
        if (await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not null) return null;
        using var find = pooled.Connection.Command($"SELECT epoch FROM {_database.Schema}.journals WHERE id = $1", _id);
        return await find.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as long?
            ?? throw new JournalCorruptException($"Journal '{Name}' was removed from {_database.Name} while it was open; restore it.");
    }
}
