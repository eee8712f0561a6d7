using Sparkish.Rpc.Handshakes;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// The signs of life of one open connection: a side with nothing to say pings, and a peer that is not heard is taken for gone, since TCP alone may not
/// notice for hours. Safe for all threads.
/// </summary>
internal sealed class KeepAlive(TransportContext context, Outbox outbox, IChannel channel)
{
    private long _lastHeard = context.Env.Time.GetTimestamp();
    private long _lastSpoke = context.Env.Time.GetTimestamp();
    private long _bytesSent;
    private volatile bool _isPaused;

    /// <summary>Something came from the peer.</summary>
    public void Heard() => Volatile.Write(ref _lastHeard, context.Env.Time.GetTimestamp());

    /// <summary>Nothing is read for a while, so nothing can be heard.</summary>
    public void Pause() => _isPaused = true;

    /// <summary>Reading continues: silence is measured from now.</summary>
    public void Resume()
    {
        Heard();
        _isPaused = false;
    }

    /// <summary>Whether nothing came from the peer for the timeout. What came and is not read yet, since this process is busy, was said all the same.</summary>
    public bool IsSilent()
    {
        if (_isPaused || context.Env.Time.GetElapsedTime(Volatile.Read(ref _lastHeard)) < context.Options.KeepAliveTimeout) return false;
        if (!channel.HasUnread) return true;
        Heard();
        return false;
    }

    /// <summary>Whether nothing was sent for the interval; called by the beat alone.</summary>
    public bool MustPing()
    {
        if (outbox.BytesTaken == _bytesSent) return context.Env.Time.GetElapsedTime(_lastSpoke) >= context.Options.KeepAliveInterval;
        _bytesSent = outbox.BytesTaken;
        _lastSpoke = context.Env.Time.GetTimestamp();
        return false;
    }
}
