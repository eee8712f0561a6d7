using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>
/// Journals in a PostgreSQL database (14 or later), in tables of a schema that is created on first use. A row per journal holds the epoch. Each append is one
/// statement that changes this row only if it still holds the writer's epoch, so the store itself rejects writes from an earlier epoch.
/// </summary>
/// <remarks>
/// Acknowledged events are on the disk of the server, regardless of the <c>synchronous_commit</c> of the database or user, and on the disks of its synchronous
/// standbys if it has any. If another server without these takes over, it may lack the last events, as with any database. All journals of a store share a few
/// connections (14, or <c>Maximum Pool Size</c>), regardless of their number. An enumeration of events occupies one until it ends.
/// </remarks>
public sealed class PostgreSqlJournalStore : IJournalStore
{
    private readonly PostgreSqlDatabase _database;
    private readonly PostgreSqlPool _pool;
    private readonly TimeProvider _time;
    private readonly AppendLimits _limits;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _schemaGate = new(1);
    private readonly Lock _lock = new();
    private readonly HashSet<PostgreSqlJournal> _open = [];
    private readonly Dictionary<string, long> _closed = []; // The epochs under which journals were last open here, and may be reopened.
    private bool _schemaIsThere;
    private bool _disposed;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="connectionString">As Npgsql has it: <c>Host=…;Database=…;Username=…;Password=…</c>.</param>
    /// <param name="schema">The schema of the tables, created on first use.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Logs takeovers and failures.</param>
    /// <param name="limits">Limits of the appends that wait for the server in one journal; the defaults unless given.</param>
    /// <exception cref="ArgumentException">The connection string or the schema is not valid, or a limit is too small.</exception>
    public PostgreSqlJournalStore(string connectionString, string schema, TimeProvider time, ILogger log, AppendLimits? limits = null)
    {
        _limits = (limits ?? AppendLimits.Default).Check();
        (_database, _time, _log) = (new PostgreSqlDatabase(connectionString, schema), time, log);
        _pool = _database.CreatePool(log);
    }

    /// <inheritdoc/>
    public async ValueTask<IJournal> OpenAsync(string name, long? epoch = null, CancellationToken cancellationToken = default)
    {
        JournalNames.Check(name);
        if (epoch is { } given) ArgumentOutOfRangeException.ThrowIfLessThan(given, 1, nameof(epoch));
        ObjectDisposedException.ThrowIf(_disposed, this);
        ClaimedJournal? claimed = null;
        try
        {
            claimed = await _pool.TwiceAsync(() => ClaimAsync(name, epoch, cancellationToken)).ConfigureAwait(false);
            var claim = claimed.Value;
            var writer = new PostgreSqlGroupWriter(_database, _pool, claim, _time, _log);
            var journal = new PostgreSqlJournal(_database, _pool, claim, writer, _limits, _log, OnClosed);
            lock (_lock) _open.Add(journal);
            _log.JournalOpened(name, claim.Epoch, claim.LastSequence);
            return journal;
        }
        catch (Exception e)
        {
            if (claimed is { } ours) OnClosed(name, ours.Epoch);
            if (PostgreSqlErrors.IsOfStore(e)) throw PostgreSqlErrors.Translate($"open journal '{name}'", _database, e);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IJournalReader> OpenReaderAsync(string name, CancellationToken cancellationToken = default)
    {
        JournalNames.Check(name);
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            var found = await _pool.TwiceAsync(() => FindAsync(name, cancellationToken)).ConfigureAwait(false);
            if (found is { } id) return new PostgreSqlJournalReader(_database, _pool, id, name);
        }
        catch (Exception e) when (PostgreSqlErrors.IsOfStore(e))
        {
            throw PostgreSqlErrors.Translate($"open journal '{name}'", _database, e);
        }

        throw new JournalException(
            $"There is no journal '{name}' in schema {_database.Schema} of {_database.Name}: check the name, the database and the schema.");
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            return await _pool.TwiceAsync(() => ReadNamesAsync(cancellationToken)).ConfigureAwait(false);
        }
        catch (Exception e) when (PostgreSqlErrors.IsOfStore(e))
        {
            throw PostgreSqlErrors.Translate("list the journals", _database, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        PostgreSqlJournal[] open;
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
            open = [.. _open];
        }

        foreach (var journal in open) await journal.DisposeAsync().ConfigureAwait(false);
        await _pool.DisposeAsync().ConfigureAwait(false);
        _schemaGate.Dispose();
    }

    private async ValueTask<long?> FindAsync(string name, CancellationToken cancellationToken)
    {
        var pooled = await _pool.ReadAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = pooled.ConfigureAwait(false);
        if (!await PostgreSqlSchema.ExistsAsync(pooled.Connection, _database, cancellationToken).ConfigureAwait(false)) return null;
        using var find = pooled.Connection.Command($"SELECT id FROM {_database.Schema}.journals WHERE name = $1", name);
        return await find.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as long?;
    }

    private async ValueTask<IReadOnlyList<string>> ReadNamesAsync(CancellationToken cancellationToken)
    {
        var names = new List<string>();
        var pooled = await _pool.ReadAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = pooled.ConfigureAwait(false);
        if (!await PostgreSqlSchema.ExistsAsync(pooled.Connection, _database, cancellationToken).ConfigureAwait(false)) return names;
        using var command = pooled.Connection.Command($"SELECT name FROM {_database.Schema}.journals ORDER BY name COLLATE \"C\"");
        var rows = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await using var closingRows = rows.ConfigureAwait(false);
        while (await rows.ReadAsync(cancellationToken).ConfigureAwait(false)) names.Add(rows.GetString(0));
        return names;
    }

    private async ValueTask<ClaimedJournal> ClaimAsync(string name, long? epoch, CancellationToken cancellationToken)
    {
        var pooled = await _pool.WriteAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = pooled.ConfigureAwait(false);
        await EnsureSchemaAsync(pooled.Connection, cancellationToken).ConfigureAwait(false);
        var claiming = new PostgreSqlClaim(_database, _pool, _time, _log);
        return await claiming.MakeAsync(pooled.Connection, name, epoch, again: WasOpen(name, epoch), cancellationToken).ConfigureAwait(false);
    }

    private bool WasOpen(string name, long? epoch)
    {
        lock (_lock) return _closed.TryGetValue(name, out var last) && last == epoch && !_open.Any(journal => journal.Name == name && journal.Epoch == epoch);
    }

    private void OnClosed(PostgreSqlJournal journal)
    {
        lock (_lock) _open.Remove(journal);
        OnClosed(journal.Name, journal.Epoch);
    }

    private void OnClosed(string name, long epoch)
    {
        lock (_lock) _closed[name] = Math.Max(epoch, _closed.GetValueOrDefault(name));
    }

    private async ValueTask EnsureSchemaAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await _schemaGate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_schemaIsThere) return;
            await PostgreSqlSchema.EnsureAsync(connection, _database, cancellationToken).ConfigureAwait(false);
            _schemaIsThere = true;
        }
        finally
        {
            _schemaGate.Release();
        }
    }
}
