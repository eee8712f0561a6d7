using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Npgsql;
using Sparkish.Persistence;

namespace Sparkish.Deploy.Recovery.PostgreSql;

/// <summary>
/// A term of a leader whose session holds the lock. It pings the server three times per session timeout, listens in between for the end of its session, and is
/// over at the first failure, or when its lease is.
/// </summary>
internal sealed class PostgreSqlTerm : ILeaderTerm
{
    private const int PingsPerTimeout = 3;

    private readonly NpgsqlConnection _connection;
    private readonly LeaderLease _lease;
    private readonly TermOf _term;
    private readonly TimeSpan _pingInterval;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _timer;
    private readonly Task _loop;
    private int _over;

    /// <summary>Takes over an open connection whose session holds the lock.</summary>
    public PostgreSqlTerm(NpgsqlConnection connection, LeaderLease lease, TermOf term, TimeSpan sessionTimeout, TimeProvider time, ILogger log)
    {
        (_connection, _lease, _term, _time, _log) = (connection, lease, term, time, log);
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
            using var ping = _connection.Command("SELECT 1");
            while (true)
            {
                // True means that the server said something, false that the time is over; the end of the session throws.
                await _connection.WaitAsync(_pingInterval, _stop.Token).ConfigureAwait(false);
                var sentAt = _time.GetTimestamp();
                await ping.ExecuteNonQueryAsync(_stop.Token).ConfigureAwait(false);
                if (!_lease.Renew(sentAt)) End("the server answered too late");
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
        if (_lease.Left == TimeSpan.Zero) End("the server did not answer in time, or this process stood still");
        else if (Volatile.Read(ref _over) == 0) Arm();
    }

    private void End(string? lostBecause)
    {
        if (Interlocked.Exchange(ref _over, 1) != 0) return;
        if (lostBecause is null) _log.Resigned(_term.Candidate, _term.Election, _term.Epoch);
        else _log.TermLost(_term.Candidate, _term.Election, _term.Epoch, lostBecause);
        _ = CloseAsync(); // DisposeAsync awaits its end, and it does not fail.
    }

    /// <summary>Tells first, and lets go of the lock then, so that this leader stops before another one can start.</summary>
    private async Task CloseAsync()
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
        await _loop.ConfigureAwait(false);
        try
        {
            // The server hears of the end at once if the way to it is there, and by itself if not.
            await _connection.CloseAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (PostgreSqlErrors.IsOfStore(e))
        {
            _log.SessionNotClosed(_term.Election, e.Message);
        }

        _closed.SetResult();
    }
}

/// <summary>Which term it is.</summary>
/// <param name="Election">Of which election.</param>
/// <param name="Candidate">Who leads.</param>
/// <param name="Epoch">Its number.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct TermOf(string Election, string Candidate, long Epoch);
