namespace Sparkish.Rpc.Transport.Frames;

/// <summary>
/// The number of unhandled bytes that the sending side may send to one receiver. The receiving side grants more as its endpoint handles messages
/// (<see cref="FrameKind.Credit"/>). Messages beyond the grant are held here, so that one busy endpoint delays no other. A single message may exceed the grant,
/// since the receiver does not know its size. Guarded by the lock of its outbox.
/// </summary>
internal sealed class SendWindow
{
    /// <summary>The credit before the first grant.</summary>
    public const long InitialBytes = 256 << 10;

    private readonly Queue<HeldFrame> _held = new();
    private long _granted = InitialBytes;
    private long _sent;

    /// <summary>Whether messages are held.</summary>
    public bool IsStuck => _held.Count > 0;

    /// <summary>The position of the oldest held message among all held messages of an outbox.</summary>
    public long OldestPlace => _held.Peek().Place;

    /// <summary>Uses a part of the grant; false if the message must be held.</summary>
    public bool TrySpend(int bytes)
    {
        if (_held.Count > 0 || _sent >= _granted) return false;
        _sent += Cost(bytes);
        return true;
    }

    /// <summary>Holds a message until there is a grant for it.</summary>
    public void Hold(HeldFrame frame) => _held.Enqueue(frame);

    /// <summary>Processes a grant: the sum of all bytes that may ever be sent.</summary>
    public void Grant(long total) => _granted = Math.Max(_granted, total);

    /// <summary>Takes the next held message that the grant allows.</summary>
    public bool TryRelease(out HeldFrame frame)
    {
        frame = default;
        if (_sent >= _granted || !_held.TryDequeue(out frame)) return false;
        _sent += Cost(frame.Frame.Length);
        return true;
    }

    /// <summary>Takes all held messages regardless of the grant; the connection ends.</summary>
    public HeldFrame[] DropAll()
    {
        HeldFrame[] all = [.. _held];
        _held.Clear();
        return all;
    }

    private static long Cost(int frameBytes) => ReceiveWindow.CostOf(frameBytes - sizeof(int));
}

/// <summary>A frame that waits for a grant, and its position among all held frames of an outbox.</summary>
internal readonly record struct HeldFrame(FrameBlock Frame, long Place);
