namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>
/// The time, by this process's clock, until which the servers certainly keep a session and with it a candidate's node. Renewed by repeated writes to that node.
/// </summary>
/// <remarks>
/// Pings are not evidence: a server answers them alone, and may be cut off from the one that expires sessions, or fail before it has passed them on. A write is
/// answered only after a majority has accepted it, and only while the node exists. Consider a write that was sent a while after the reply to an earlier one.
/// When it is answered, the message before that earlier reply has reached the leader of the servers, since they report active sessions every half tick, and a
/// session has a timeout of at least two ticks. So the session cannot expire before its timeout has passed since the earlier write was sent.
/// </remarks>
internal sealed class SessionLease : IAsyncDisposable
{
    private readonly ZooKeeperClient _client;
    private readonly string _path;
    private readonly ReadOnlyMemory<byte> _data;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<string> _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _renewing;
    private TaskCompletionSource _renewed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // When the session was heard of, for sure; a timestamp.
    private long _heardAt;

    /// <summary>Starts to renew.</summary>
    /// <param name="client">The session.</param>
    /// <param name="path">The candidate's node.</param>
    /// <param name="data">The data of the node, which do not change.</param>
    /// <param name="createdAt">The time of the request that created the node; a timestamp.</param>
    /// <param name="time">The clock.</param>
    public SessionLease(ZooKeeperClient client, string path, ReadOnlyMemory<byte> data, long createdAt, TimeProvider time)
    {
        (_client, _path, _data, _time) = (client, path, data, time);
        _heardAt = client.SessionAskedAt;
        _renewing = RenewAsync(createdAt, _stop.Token);
    }

    /// <summary>Completes, with the reason, when the session is over or the node is gone.</summary>
    public Task<string> Over => _over.Task;

    /// <summary>Returns how long the session will certainly last, unless it is renewed; not positive if it may have expired.</summary>
    public TimeSpan Left => Over.IsCompleted ? TimeSpan.Zero : _client.SessionTimeout - _time.GetElapsedTime(Volatile.Read(ref _heardAt));

    /// <summary>Waits until the session certainly lasts for a while, or has expired.</summary>
    public async Task CurrentAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var renewed = Volatile.Read(ref _renewed).Task;
            if (Left > TimeSpan.Zero || Over.IsCompleted) return;
            await Task.WhenAny(renewed, Over).WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _renewing.ConfigureAwait(false);
    }

    private async Task RenewAsync(long createdAt, CancellationToken stop)
    {
        try
        {
            for (var before = createdAt; ;)
            {
                // At least half a tick, see above, and often enough for the lease to outlast the loss of a server.
                await Task.Delay(_client.SessionTimeout / 4, _time, stop).ConfigureAwait(false);
                var sentAt = await WriteAsync(stop).ConfigureAwait(false);
                Volatile.Write(ref _heardAt, before);
                before = sentAt;
                Interlocked.Exchange(ref _renewed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            _over.TrySetResult("the candidate withdrew");
        }
        catch (Exception e)
        {
            _over.TrySetResult(e.Message);
        }
    }

    // Writes until a write is answered; returns the time at which that write was sent.
    private async Task<long> WriteAsync(CancellationToken stop)
    {
        while (true)
        {
            await _client.ConnectedAsync(stop).ConfigureAwait(false);
            var sentAt = _time.GetTimestamp();
            try
            {
                await _client.SetDataAsync(_path, _data, cancellationToken: stop).ConfigureAwait(false);
                return sentAt;
            }
            catch (ZooKeeperException e) when (e.IsDisconnection && e.Error != ZooKeeperError.SessionExpired)
            {
                // Unknown, so not counted.
            }
        }
    }
}
