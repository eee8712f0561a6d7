namespace Sparkish.Rpc.Transport;

/// <content>Signs of life: who has nothing to say pings, and who is not heard is taken for gone, since TCP alone may not notice for hours.</content>
internal sealed partial class Connection
{
    private long _lastHeard;
    private long _lastSpoke;
    private long _bytesSent;
    private volatile bool _isPaused;

    /// <summary>Called every so often: pings if nothing was sent for the interval, and closes if nothing was heard for the timeout.</summary>
    public void KeepAlive(TimeProvider time, TimeSpan interval, TimeSpan timeout)
    {
        if (_phase != ConnectionPhase.Open) return;
        if (!_isPaused && time.GetElapsedTime(Volatile.Read(ref _lastHeard)) >= timeout)
        {
            Close($"nothing was heard from it for {Local.AskTimeout.Format(timeout)} (spark.rpc.io.keepAliveTimeout)");
            return;
        }

        if (_outbox.BytesTaken != _bytesSent)
        {
            _bytesSent = _outbox.BytesTaken;
            _lastSpoke = time.GetTimestamp();
        }
        else if (time.GetElapsedTime(_lastSpoke) >= interval)
        {
            Ping();
        }
    }

    /// <summary>Nothing is read meanwhile, so that nothing can be heard: the silence begins anew before the pause is over.</summary>
    private async ValueTask PauseAsync(ValueTask room)
    {
        _isPaused = true;
        _context.Log.ReadingPaused(Peer, _context.Options.MaxBacklogBytes);
        await room.ConfigureAwait(false);
        Volatile.Write(ref _lastHeard, _context.Env.Time.GetTimestamp());
        _isPaused = false;
    }

    private void Ping()
    {
        var writer = FrameBuffer.Begin(FrameKind.Ping);
        AppendAlways(FrameBuffer.Finish(writer, int.MaxValue, null, null));
        FrameBuffer.End(writer);
    }
}
