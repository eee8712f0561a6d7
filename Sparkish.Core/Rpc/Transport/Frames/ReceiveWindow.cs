namespace Sparkish.Rpc.Transport.Frames;

/// <summary>
/// How much one peer may send to one receiver before it was handled, and what was granted already. One receive loop adds; any thread takes off.
/// </summary>
internal sealed class ReceiveWindow(long windowBytes)
{
    /// <summary>What a message takes in memory beside its bytes, roughly: without it a flood of tiny ones would take many times the bound.</summary>
    public const int MessageBytes = 128;

    private long _received; // the receive loop's own
    private long _handled;
    private long _granted = SendWindow.InitialBytes;

    /// <summary>The grant to begin with; 0 when the initial one is enough.</summary>
    public long FirstGrant() => windowBytes > SendWindow.InitialBytes ? _granted = windowBytes : 0;

    /// <summary>A message was received; false when the peer has sent far more than it may.</summary>
    /// <param name="bytes">Its frame without the length.</param>
    /// <param name="maxMessageBytes">The largest frame, by which the last message may exceed the grant.</param>
    public bool TryReceive(int bytes, int maxMessageBytes)
    {
        _received += bytes + MessageBytes;
        return _received <= Interlocked.Read(ref _granted) + maxMessageBytes + MessageBytes;
    }

    /// <summary>A message was handled, or dropped. Returns the new grant when enough was handled for one, else 0.</summary>
    public long Handled(int bytes)
    {
        var target = Interlocked.Add(ref _handled, bytes + MessageBytes) + windowBytes;
        while (true)
        {
            var granted = Interlocked.Read(ref _granted);
            if (target - granted < Math.Max(1, windowBytes / 4)) return 0;
            if (Interlocked.CompareExchange(ref _granted, target, granted) == granted) return target;
        }
    }
}
