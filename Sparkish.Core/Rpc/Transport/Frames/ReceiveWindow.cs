namespace Sparkish.Rpc.Transport.Frames;

/// <summary>
/// The number of unhandled bytes that one peer may send to one receiver, and the credit granted so far. One receive loop adds; any thread subtracts.
/// </summary>
internal sealed class ReceiveWindow(long windowBytes)
{
    private const int MessageBytes = 128;
    private const long MaxUncountedCost = 16 << 10;

    private long _received; // the receive loop's own
    private long _handled;
    private long _granted = SendWindow.InitialBytes;

    /// <summary>
    /// The cost of a message: the bytes of its frame without the length, and roughly its memory overhead. Without the latter a flood of tiny messages would
    /// take many times the limit.
    /// </summary>
    public static int CostOf(int frameBytes) => frameBytes + MessageBytes;

    /// <summary>
    /// The amount that may be handled before it is counted. The counters are shared with the receive loop: counting each message would move their cache line
    /// between two cores for each message.
    /// </summary>
    public long UncountedCost => Math.Min(MaxUncountedCost, windowBytes / 8);

    /// <summary>The first grant; 0 if the initial one suffices.</summary>
    public long FirstGrant() => windowBytes > SendWindow.InitialBytes ? _granted = windowBytes : 0;

    /// <summary>Called when a message was received; false if the peer has far exceeded its credit.</summary>
    /// <param name="cost">Its cost.</param>
    /// <param name="maxMessageBytes">The maximum frame size, by which the last message may exceed the grant.</param>
    public bool TryReceive(int cost, int maxMessageBytes)
    {
        _received += cost;
        return _received <= Volatile.Read(ref _granted) + CostOf(maxMessageBytes);
    }

    /// <summary>Called when messages were handled or dropped. Returns the new grant if enough was handled for one, else 0.</summary>
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
