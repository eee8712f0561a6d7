namespace Sparkish.Rpc.Transport.Frames;

/// <summary>
/// How much the sending side may send to one receiver before it was handled. The receiving side grants more as its endpoint handles messages
/// (<see cref="FrameKind.Credit"/>); what exceeds the grant is held here, so that one busy endpoint delays no other. A single message may exceed the
/// grant, since its size is not known to the receiver. Guarded by the lock of its outbox.
/// </summary>
internal sealed class SendWindow
{
    /// <summary>What may be sent before the first grant has come.</summary>
    public const long InitialBytes = 256 << 10;

    private readonly Queue<HeldFrame> _held = new();
    private long _granted = InitialBytes;
    private long _sent;

    /// <summary>Whether messages are held.</summary>
    public bool IsStuck => _held.Count > 0;

    /// <summary>The place of the oldest held message among all that an outbox holds.</summary>
    public long OldestPlace => _held.Peek().Place;

    /// <summary>Uses up a part of the grant; false when the message must be held.</summary>
    public bool TrySpend(int bytes)
    {
        if (_held.Count > 0 || _sent >= _granted) return false;
        _sent += Cost(bytes);
        return true;
    }

    /// <summary>Holds a message until there is a grant for it.</summary>
    public void Hold(HeldFrame frame) => _held.Enqueue(frame);

    /// <summary>Takes a grant: the sum of all that may ever be sent.</summary>
    public void Grant(long total) => _granted = Math.Max(_granted, total);

    /// <summary>Takes the next held message that the grant allows.</summary>
    public bool TryRelease(out HeldFrame frame)
    {
        frame = default;
        if (_sent >= _granted || !_held.TryDequeue(out frame)) return false;
        _sent += Cost(frame.Frame.Length);
        return true;
    }

    /// <summary>Takes all held messages whatever was granted; the connection ends.</summary>
    public HeldFrame[] DropAll()
    {
        HeldFrame[] all = [.. _held];
        _held.Clear();
        return all;
    }

    private static long Cost(int frameBytes) => ReceiveWindow.CostOf(frameBytes - sizeof(int));
}

/// <summary>A frame that waits for a grant, and its place among all that an outbox holds.</summary>
internal readonly record struct HeldFrame(FrameBlock Frame, long Place);
