namespace Sparkish.Rpc.Transport.Frames;

/// <summary>
/// How much one peer may send to one receiver before it was handled, and what was granted already. One receive loop adds; any thread takes off.
/// </summary>
internal sealed class ReceiveWindow(long windowBytes)
{
    private const int MessageBytes = 128;
    private const long MaxUncountedCost = 16 << 10;

    private long _received; // the receive loop's own
    private long _handled;
    private long _granted = SendWindow.InitialBytes;

    /// <summary>
    /// The cost of a message: the bytes of its frame without the length, and roughly what it takes in memory besides. Without the latter a flood of tiny
    /// messages would take many times the bound.
    /// </summary>
    public static int CostOf(int frameBytes) => frameBytes + MessageBytes;

    /// <summary>
    /// How much may be handled before it is counted. The counters are shared with the receive loop: counting each message would move their cache line
    /// between two cores for each message.
    /// </summary>
    public long UncountedCost => Math.Min(MaxUncountedCost, windowBytes / 8);

    /// <summary>The grant to begin with; 0 when the initial one is enough.</summary>
    public long FirstGrant() => windowBytes > SendWindow.InitialBytes ? _granted = windowBytes : 0;

    /// <summary>A message was received; false when the peer has sent far more than it may.</summary>
    /// <param name="cost">Its cost.</param>
    /// <param name="maxMessageBytes">The largest frame, by which the last message may exceed the grant.</param>
    public bool TryReceive(int cost, int maxMessageBytes)
    {
        _received += cost;
        return _received <= Volatile.Read(ref _granted) + CostOf(maxMessageBytes);
    }

    /// <summary>Messages were handled, or dropped. Returns the new grant when enough was handled for one, else 0.</summary>
    public long Handled(long cost)
    {
        var target = Interlocked.Add(ref _handled, cost) + windowBytes;
        while (true)
        {
            var granted = Volatile.Read(ref _granted);
            if (target - granted < Math.Max(1, windowBytes / 4)) return 0;
            if (Interlocked.CompareExchange(ref _granted, target, granted) == granted) return target;
        }
    }
}
