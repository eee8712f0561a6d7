using System.Data;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>
/// The term of a leader whose session holds the lock. It pings the server three times per session timeout, and listens for the end of its session in between.
/// It ends at the first failure, or when its lease does.
/// </summary>
internal sealed class PostgreSqlTerm : ILeaderTerm
{
    private const int PingsPerTimeout = 3;

    /// <summary>Time limit for resigning at the server; otherwise the next leader waits for the end of the term.</summary>
    private static readonly TimeSpan ResignTime = TimeSpan.FromSeconds(1);

    private readonly NpgsqlConnection _connection;
    private readonly LeaderLease _lease;
    private readonly TermOf _term;
    private readonly TimeSpan _pingInterval;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly string _schema;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _timer;
    private readonly Task _loop;
    private int _over;

    /// <summary>Takes over an open connection whose session holds the lock.</summary>
    public PostgreSqlTerm(
        NpgsqlConnection connection, string schema, LeaderLease lease, TermOf term, TimeSpan sessionTimeout, TimeProvider time, ILogger log)
    {
        (_connection, _schema, _lease, _term, _time, _log) = (connection, schema, lease, term, time, log);
        _pingInterval = sessionTimeout / PingsPerTimeout;
        _timer = time.CreateTimer(_ => OnLeaseMayBeOver(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Arm();
        _loop = Task.Run(KeepAsync);
    }

    public long? Epoch => _term.Epoch;

    public bool IsCurrent => Volatile.Read(ref _over) == 0 && _lease.Left > TimeSpan.Zero;

    public CancellationToken Ended => _ended.Token;

    public async ValueTask DisposeAsync()
    {
        End(lostBecause: null);
        await _closed.Task.ConfigureAwait(false);
    }

    private async Task KeepAsync()
    {
        try
        {
            // Stored, so that the next leader knows how long this term may last.
            using var ping = _connection.Command(
                $"UPDATE {_schema}.terms SET alive = clock_timestamp() WHERE name = $1 AND epoch = $2", _term.Election, _term.Epoch);
            while (true)
            {
                // True means that the server sent a message, false that the time is over; the end of the session throws.
                await _connection.WaitAsync(_pingInterval, _stop.Token).ConfigureAwait(false);
                var sentAt = _time.GetTimestamp();
                if (await ping.ExecuteNonQueryAsync(_abort.Token).ConfigureAwait(false) != 1) End("another candidate leads, or its row was removed");
                else if (!_lease.Renew(sentAt)) End("the server answered too late");
            }
        }
        catch (Exception e)
        {
            if (!_stop.IsCancellationRequested) End($"its session ended ({e.Message.TrimEnd('.')})");
        }
    }

    private void Arm() => _timer.Change(_lease.Left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);

    private void OnLeaseMayBeOver()
    {
        if (_lease.Left == TimeSpan.Zero) End("the server did not answer in time, or this process was suspended");
        else if (Volatile.Read(ref _over) == 0) Arm();
    }

    private void End(string? lostBecause)
    {
        if (Interlocked.Exchange(ref _over, 1) != 0) return;
        if (lostBecause is null) _log.Resigned(_term.Candidate, _term.Election, _term.Epoch);
        else _log.TermLost(_term.Candidate, _term.Election, _term.Epoch, lostBecause);
        _ = CloseAsync(isResigning: lostBecause is null); // DisposeAsync awaits its end, and it does not fail.
    }

    /// <summary>Notifies first and then releases the lock, so that this leader stops before another one can start.</summary>
    private async Task CloseAsync(bool isResigning)
    {
        try
        {
            await _ended.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException e)
        {
            _log.EndedCallbackFailed(_term.Epoch, e);
        }

        await _timer.DisposeAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        if (isResigning) _abort.CancelAfter(ResignTime);
        else await _abort.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        try
        {
            if (isResigning && _connection.State == ConnectionState.Open) await ResignAsync().ConfigureAwait(false);

            // The server learns of the end at once if it is reachable, and by its timeout otherwise.
            await _connection.CloseAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (PostgreSqlErrors.IsOfStore(e) || e is OperationCanceledException)
        {
            _log.SessionNotClosed(_term.Election, e.Message);
        }
        finally
        {
            await _connection.DisposeAsync().ConfigureAwait(false);
        }

        _closed.SetResult();
    }

    /// <summary>The next leader need not wait for the end of this term.</summary>
    private async Task ResignAsync()
    {
        using var resign = _connection.Command($"UPDATE {_schema}.terms SET alive = NULL WHERE name = $1 AND epoch = $2", _term.Election, _term.Epoch);
        await resign.ExecuteNonQueryAsync(_abort.Token).ConfigureAwait(false);
    }
}

/// <summary>Identifies a term.</summary>
/// <param name="Election">The name of the election.</param>
/// <param name="Candidate">The leader.</param>
/// <param name="Epoch">Its number.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TermOf(string Election, string Candidate, long Epoch);
