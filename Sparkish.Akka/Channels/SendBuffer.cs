namespace Sparkish.Akka.Channels;

/// <summary>What one end of a channel has sent and the other end has not confirmed, and how much more it may send. Not safe for threads.</summary>
internal sealed class SendBuffer
{
    private readonly Queue<ChannelData> _unconfirmed = new();
    private long _limit = AkkaChannel.WindowBytes;

    /// <summary>All offsets below were sent; the end takes one.</summary>
    public long Sent { get; private set; }

    /// <summary>All offsets below were confirmed.</summary>
    public long Confirmed { get; private set; }

    /// <summary>Where the end stands; null until <see cref="End"/>.</summary>
    public ChannelEnd? Ended { get; private set; }

    /// <summary>How many bytes the other end has room for.</summary>
    public long Room => _limit - Sent;

    /// <summary>Whether all that was sent has arrived.</summary>
    public bool IsConfirmed => Confirmed >= Sent;

    public ChannelData Add(ReadOnlySpan<byte> bytes)
    {
        var data = ChannelData.Of(Sent, bytes);
        Sent += bytes.Length;
        _unconfirmed.Enqueue(data);
        return data;
    }

    /// <summary>No byte follows.</summary>
    public ChannelEnd End() => Ended = new ChannelEnd(Sent++);

    /// <summary>Takes a confirmation; false for one that cannot be.</summary>
    public bool Confirm(long received, long limit)
    {
        if (received > Sent) return false;
        Confirmed = Math.Max(Confirmed, received);
        _limit = Math.Max(_limit, limit);
        while (_unconfirmed.TryPeek(out var first) && first.Offset + first.Length <= Confirmed) _unconfirmed.Dequeue();
        return true;
    }

    /// <summary>What was not confirmed, in order.</summary>
    public IEnumerable<ChannelMessage> Unconfirmed()
    {
        foreach (var data in _unconfirmed) yield return data;
        if (Ended is { } end && end.Offset >= Confirmed) yield return end;
    }
}
