namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>
/// Until when, by this process's clock, the servers surely keep a session and with it a node of a candidate. Renewed by writing to that node, again and again.
/// </summary>
/// <remarks>
/// Pings do not tell: a server answers them by itself, and may be cut off from the one that ends sessions, or gone before it has passed them on. A write is
/// answered after a majority has taken it, and only while the node is there. When one was answered that was sent a while after the answer to another, what
/// the client sent before that other answer has come to the leader of the servers, since they pass on every half tick who was heard of, and a session has a
/// timeout of at least two ticks. So the session cannot end before its timeout has passed since the earlier of the two was sent.
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
    /// <param name="data">What the node holds, and keeps.</param>
    /// <param name="createdAt">When the node was asked for; a timestamp.</param>
    /// <param name="time">The clock.</param>
    public SessionLease(ZooKeeperClient client, string path, ReadOnlyMemory<byte> data, long createdAt, TimeProvider time)
    {
        (_client, _path, _data, _time) = (client, path, data, time);
        _heardAt = client.SessionAskedAt;
        _renewing = RenewAsync(createdAt, _stop.Token);
    }

    /// <summary>Completes, with the reason, when the session is over or the node is gone.</summary>
    public Task<string> Over => _over.Task;

    /// <summary>How long the session will surely last, unless it is renewed; not positive when it may be over.</summary>
    public TimeSpan Left => Over.IsCompleted ? TimeSpan.Zero : _client.SessionTimeout - _time.GetElapsedTime(Volatile.Read(ref _heardAt));

    /// <summary>Waits until the session surely lasts for a while, or is over.</summary>
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

    // Writes until it is answered; returns when the write that was answered was sent.
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
                // Not known, so not counted.
            }
        }
    }
}
