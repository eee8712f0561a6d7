using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

// Connects a session to its servers, and ends it.
internal sealed partial class ZooKeeperClient
{
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);

    // The time at which the last connection was lost; the start before the first one.
    private long _disconnectedAt;

    // The session is being closed: a connection that is lost now is the last.
    private bool _leaving;

    private async Task RunAsync(CancellationToken stop)
    {
        // Off the constructor's thread.
        await Task.Yield();
        _disconnectedAt = _time.GetTimestamp();
        var servers = _options.Url.Servers.ToArray();
        _random.Shuffle(servers);
        var reason = new ZooKeeperException(ZooKeeperError.Closing, "This client of ZooKeeper is closed.");
        try
        {
            for (int next = 0, failures = 0; !Volatile.Read(ref _leaving); next++)
            {
                failures = await TryServerAsync(servers[next % servers.Length], stop).ConfigureAwait(false) ? 0 : failures + 1;

                // The next server at once; a pause after all have been tried, growing from round to round and with jitter, for clients that lost a server
                // together.
                if (failures > 0 && failures % servers.Length == 0) await PauseAsync(failures / servers.Length, stop).ConfigureAwait(false);
            }

            End(reason);
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            End(reason);
        }
        catch (ZooKeeperException e)
        {
            _log.ZooKeeperSessionOver(SessionId, e.Message);
            End(e);
        }
        catch (Exception e)
        {
            End(new ZooKeeperException(ZooKeeperError.SystemError, $"The client of ZooKeeper failed: {e.Message}", e));
        }
    }

    // Serves requests at a server for as long as it can be had; returns whether that was for a while.
    private async Task<bool> TryServerAsync(DnsEndPoint server, CancellationToken stop)
    {
        var name = $"{server.Host}:{server.Port}";
        var connected = false;
        var startedAt = _time.GetTimestamp();
        try
        {
            var connection = await ConnectAsync(server, stop).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                connected = true;
                _log.ZooKeeperConnected(name, SessionId, SessionTimeout);
                await connection.RunAsync(Preface(), _requests, this, stop).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (!stop.IsCancellationRequested && e is IOException or SocketException or OperationCanceledException)
        {
            if (connected) _log.ZooKeeperLost(name, e.Message);
            else _log.ZooKeeperUnreachable(name, e is OperationCanceledException ? "it did not answer in time" : e.Message);
        }

        OnDisconnected(connected);
        return connected && _time.GetElapsedTime(startedAt) > SessionTimeout / 10;
    }

    private async Task<ZooKeeperConnection> ConnectAsync(DnsEndPoint server, CancellationToken stop)
    {
        Session session;
        long lastZxid;
        lock (_lock) (session, lastZxid) = (_session, _lastZxid);

        // So that each server can be tried before the session expires.
        using var limit = new CancellationTokenSource(session.Timeout / Math.Max(3, _options.Url.Servers.Count), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        var askedAt = session.Id == 0 ? _time.GetTimestamp() : session.AskedAt;
        var hello = new SessionHello(lastZxid, _options.SessionTimeout, session.Id, session.Password);
        var connection = await ZooKeeperConnection.OpenAsync(server, hello, _options, _time, either.Token).ConfigureAwait(false);

        var welcome = connection.Welcome;
        if (welcome.Timeout <= TimeSpan.Zero)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw new ZooKeeperException(ZooKeeperError.SessionExpired,
                "ZooKeeper's servers have expired the session: they heard nothing from this client for longer than the session timeout.");
        }

        if (session.Id == 0 && welcome.Timeout != _options.SessionTimeout) _log.ZooKeeperTimeoutChanged(welcome.Timeout, _options.SessionTimeout);
        lock (_lock)
        {
            _session = new Session(welcome.SessionId, welcome.Password, welcome.Timeout, askedAt);
            _connected.TrySetResult();
        }

        return connection;
    }

    private List<ZooKeeperRequest> Preface()
    {
        var first = new List<ZooKeeperRequest>();
        if (_options.Credentials is { } credentials)
        {
            first.Add(ZooKeeperRequest.Plain(OpCode.Auth, "auth", writer =>
            {
                writer.Int(0);
                writer.Text("digest");
                writer.Text(credentials); // a buffer in the protocol, which has the same layout
            }));
        }

        long lastZxid;
        lock (_lock) lastZxid = _lastZxid;
        first.AddRange(_watches.ToSetAgain(lastZxid).Select(request => request.ToRequest()));
        return first;
    }

    private void OnDisconnected(bool wasConnected)
    {
        if (wasConnected)
        {
            _disconnectedAt = _time.GetTimestamp();
            lock (_lock) _connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        // None waits forever.
        if (_time.GetElapsedTime(_disconnectedAt) > SessionTimeout)
        {
            var servers = string.Join(',', _options.Url.Servers.Select(server => $"{server.Host}:{server.Port}"));
            FailQueued(
                what => new ZooKeeperException(ZooKeeperError.ConnectionLoss, $"ZooKeeper ({servers}) could not be reached, so '{what}' was not done."));
        }
    }

    private Task PauseAsync(int round, CancellationToken stop)
    {
        var longest = TimeSpan.FromMilliseconds(25 * Math.Pow(2, Math.Min(round, 10)));
        var limit = SessionTimeout / 10 < MaxPause ? SessionTimeout / 10 : MaxPause;
        return Task.Delay((longest < limit ? longest : limit) * (0.5 + (_random.NextDouble() / 2)), _time, stop);
    }

    private void End(ZooKeeperException reason)
    {
        Interlocked.CompareExchange(ref _overReason, reason, null);
        _over.TrySetResult(reason);
        _requests.Writer.TryComplete();
        FailQueued(_ => OverError());
        _watches.FireAllAsOver(ToClientPath);
    }

    private void FailQueued(Func<string, ZooKeeperException> error)
    {
        while (_requests.Reader.TryRead(out var request)) request.Fail(error(request.What));
    }

    private async Task CloseAsync(bool tellServers)
    {
        await Task.Yield();
        Volatile.Write(ref _leaving, true);
        try
        {
            bool connected;
            lock (_lock) connected = _connected.Task.IsCompleted;
            if (tellServers && connected && !SessionOver.IsCompleted)
            {
                using var limit = new CancellationTokenSource(SessionTimeout / 3, _time);
                await SubmitAsync(ZooKeeperRequest.Plain(OpCode.CloseSession, "close session"), limit.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is ZooKeeperException or OperationCanceledException)
        {
            // The session then ends by its timeout.
            _log.ZooKeeperSessionOver(SessionId, $"it could not be closed and will time out ({e.Message})");
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <param name="Id">0 before there is one.</param>
    /// <param name="Password">Shows the next server that the session is ours.</param>
    /// <param name="Timeout">As the servers granted it.</param>
    /// <param name="AskedAt">A timestamp from before the servers created it.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Session(long Id, ReadOnlyMemory<byte> Password, TimeSpan Timeout, long AskedAt);
}
