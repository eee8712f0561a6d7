using Sparkish.Rpc.Handshakes;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// The keep-alives of one open connection: an idle side pings, and a silent peer is considered gone, since TCP alone may not notice for hours. Thread-safe.
/// </summary>
internal sealed class KeepAlive(TransportContext context, Outbox outbox, IChannel channel)
{
    private long _lastHeard = context.Env.Time.GetTimestamp();
    private long _lastSpoke = context.Env.Time.GetTimestamp();
    private long _bytesSent;
    private volatile bool _isPaused;

    /// <summary>Called when bytes were received from the peer.</summary>
    public void Heard() => Volatile.Write(ref _lastHeard, context.Env.Time.GetTimestamp());

    /// <summary>Called while reading is paused, so that nothing can be received.</summary>
    public void Pause() => _isPaused = true;

    /// <summary>Reading continues: silence is measured from now.</summary>
    public void Resume()
    {
        Heard();
        _isPaused = false;
    }

    /// <summary>Whether nothing arrived from the peer within the timeout. Bytes that this busy process has received but not read count as arrived.</summary>
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
