using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>
/// Election through a PostgreSQL server (14 or later): the candidate that holds an advisory lock leads. The lock belongs to a session. The server ends a
/// leader's session after the session timeout without a message, and at once if its process is gone. The next candidate, which waits for the lock, then gets
/// it.
/// </summary>
/// <remarks>
/// A leader ends its term by its own clock a tenth of the session timeout before the server could. Its pings are stored in a row. So the next leader knows how
/// long the term may last, even if the session or the server is lost, and waits for that unless the leader resigned. Hence at most one of two leaders is
/// current, even if a backend is killed, a session is ended by <c>pg_terminate_backend</c>, the server restarts, or a standby that has the pings is promoted.
/// The epochs of an election are for journals that nothing else opens: keep both in one database.
/// </remarks>
public sealed class PostgreSqlElection : ILeaderElection
{
    private static readonly TimeSpan ShortestTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongTry = TimeSpan.FromSeconds(10);

    private readonly PostgreSqlDatabase _database;
    private readonly string _name;
    private readonly TimeSpan _sessionTimeout;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _disposed = new();
    private Task<PostgreSqlTerm>? _campaign;
    private readonly ServerWatch _servers;
    private PostgreSqlTerm? _term;
    private bool _closed;

    /// <summary>Connects to nothing yet.</summary>
    /// <param name="connectionString">As Npgsql has it: <c>Host=…;Database=…;Username=…;Password=…</c>.</param>
    /// <param name="schema">The schema of the tables, created on first use.</param>
    /// <param name="name">The name of the election: candidates with equal name and schema compete.</param>
    /// <param name="sessionTimeout">Silence of a leader after which another one is elected; 1 second to 1 hour.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Logs terms.</param>
    /// <exception cref="ArgumentException">The connection string, the schema, the name or the timeout is not valid.</exception>
    public PostgreSqlElection(string connectionString, string schema, string name, TimeSpan sessionTimeout, TimeProvider time, ILogger log)
    {
        if (sessionTimeout < ShortestTimeout || sessionTimeout > LongestTimeout)
        {
            throw new ArgumentException(
                $"spark.deploy.postgresql.sessionTimeout is '{(long)sessionTimeout.TotalMilliseconds}ms' but must be from 1 second to 1 hour: give a duration such as '3s'.",
                nameof(sessionTimeout));
        }

        (_database, _name) = (new PostgreSqlDatabase(connectionString, schema), JournalNames.Check(name));
        (_sessionTimeout, _time, _log) = (sessionTimeout, time, log);
        _servers = new ServerWatch($"Candidates of election '{name}'", log);
    }

    /// <inheritdoc/>
    public async Task<ILeaderTerm> CampaignAsync(string candidate, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(candidate);
        cancellationToken.ThrowIfCancellationRequested();
        using var withdrawn = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposed.Token);
        Task<PostgreSqlTerm> campaign;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_campaign is { IsCompleted: false }) throw new InvalidOperationException("This candidate already takes part in the election: await its campaign.");
            if (_term is { IsCurrent: true }) throw new InvalidOperationException("This candidate already leads: dispose its term first.");
            _campaign = campaign = Task.Run(() => StandAsync(candidate, withdrawn.Token), CancellationToken.None);
        }

        try
        {
            return await campaign.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_closed && !cancellationToken.IsCancellationRequested)
        {
            throw new ObjectDisposedException(nameof(PostgreSqlElection), $"'{candidate}' withdrew from election '{_name}', which was closed.");
        }
        catch (OperationCanceledException e)
        {
            throw new OperationCanceledException($"'{candidate}' withdrew from election '{_name}'.", e, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task<PostgreSqlTerm>? campaign;
        lock (_lock)
        {
            campaign = _campaign;
            _closed = true;
        }

        await _disposed.CancelAsync().ConfigureAwait(false);
        if (campaign is not null) await ((Task)campaign).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // The caller receives its failure.
        if (_term is { } term) await term.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<PostgreSqlTerm> StandAsync(string candidate, CancellationToken cancellationToken)
    {
        // The session of an earlier term, which has ended by the clock, must not block this one.
        if (_term is { } before) await before.DisposeAsync().ConfigureAwait(false);
        _log.Standing(candidate, _name);
        for (var failures = 1; ; failures++)
        {
            var start = _time.GetTimestamp();
            try
            {
                var term = await LeadAsync(candidate, cancellationToken).ConfigureAwait(false);
                lock (_lock) return _term = term;
            }
            catch (Exception e) when (cancellationToken.IsCancellationRequested && (PostgreSqlErrors.IsOfStore(e) || e is OperationCanceledException))
            {
                throw new OperationCanceledException(cancellationToken);
            }
            catch (Exception e) when (PostgreSqlErrors.IsOfStore(e))
            {
                if (!PostgreSqlErrors.MayPass(e)) throw PostgreSqlErrors.Translate($"stand for election '{_name}'", _database, e);
                if (_time.GetElapsedTime(start) > LongTry) failures = 1;
                var delay = ElectionBackoff.DelayAfter(failures);
                _log.ElectionWaits(_name, delay, PostgreSqlErrors.Reason(_database, e));
                await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits for the lock, as long as the session lasts.</summary>
    private async Task<PostgreSqlTerm> LeadAsync(string candidate, CancellationToken cancellationToken)
    {
        var connection = _database.CreateSession("sparkish election", _sessionTimeout);
        try
        {
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
            _servers.Note(connection);
            await PostgreSqlSchema.EnsureAsync(connection, _database, cancellationToken).ConfigureAwait(false);
            await WaitForLockAsync(connection, cancellationToken).ConfigureAwait(false);
            await WaitForLastTermAsync(connection, candidate, cancellationToken).ConfigureAwait(false);
            var sentAt = _time.GetTimestamp();
            var term = new TermOf(_name, candidate, await BeginTermAsync(connection, candidate, cancellationToken).ConfigureAwait(false));
            var lease = new LeaderLease(_time, _sessionTimeout, sentAt);
            if (lease.Left == TimeSpan.Zero) throw new TimeoutException("The server took longer than the session timeout to begin a term.");
            _log.Elected(candidate, _name, term.Epoch);
            return new PostgreSqlTerm(connection, _database.Schema, lease, term, _sessionTimeout, _time, _log);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask WaitForLockAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        using var take = connection.Command("SELECT pg_advisory_lock($1)", AdvisoryKey.Of("election", $"{_database.Schema}/{_name}"));
        await take.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// The lock may have been lost without the last leader's knowledge. Its term ends by its own clock within a session timeout after its last ping; an earlier
    /// term of this object has already ended.
    /// </summary>
    private async ValueTask WaitForLastTermAsync(NpgsqlConnection connection, string candidate, CancellationToken cancellationToken)
    {
        using var read = connection.Command($"""
            SELECT least(timeout, timeout - extract(epoch FROM clock_timestamp() - alive)::float8)
            FROM {_database.Schema}.terms WHERE name = $1 AND epoch <> $2 AND alive IS NOT NULL
            """, _name, _term?.Epoch ?? 0);
        if (await read.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not double seconds || seconds <= 0) return;
        _log.WaitsForTerm(candidate, _name, TimeSpan.FromSeconds(seconds));
        using var wait = connection.Command("SELECT pg_sleep($1)", seconds);
        await wait.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<long> BeginTermAsync(NpgsqlConnection connection, string candidate, CancellationToken cancellationToken)
    {
        using var begin = connection.Command($"""
            INSERT INTO {_database.Schema}.terms AS t (name, epoch, candidate, since, alive, timeout) VALUES ($1, 1, $2, now(), clock_timestamp(), $3)
            ON CONFLICT (name) DO UPDATE
            SET epoch = t.epoch + 1, candidate = excluded.candidate, since = excluded.since, alive = excluded.alive, timeout = excluded.timeout
            RETURNING epoch
            """, _name, candidate, _sessionTimeout.TotalSeconds);
        return (long)(await begin.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }
}
