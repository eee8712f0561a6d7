namespace Sparkish.Akka.Channels;

/// <summary>What has come to one end of a channel, in order, and was not read yet. Not safe for threads.</summary>
internal sealed class ReceiveBuffer
{
    private const int AckStep = AkkaChannel.WindowBytes / 4;

    private readonly Queue<ReadOnlyMemory<byte>> _unread = new();
    private ReadOnlyMemory<byte> _first;
    private long _consumed;
    private long _announced = AkkaChannel.WindowBytes;

    /// <summary>All offsets below have come; the end takes one.</summary>
    public long Received { get; private set; }

    /// <summary>Whether no byte follows those that wait.</summary>
    public bool HasEnded { get; private set; }

    public bool HasUnread => !_first.IsEmpty || _unread.Count > 0;

    /// <summary>The first byte to be read; null if there is none.</summary>
    public byte? First => !_first.IsEmpty ? _first.Span[0] : _unread.TryPeek(out var next) ? next.Span[0] : null;

    /// <summary>Whether the other end should be told of the room that reading has made.</summary>
    public bool MustAnnounce => !HasEnded && _consumed + AkkaChannel.WindowBytes - _announced >= AckStep;

    /// <summary>Takes bytes; false for those that there was no room for, which no honest end sends.</summary>
    public bool Add(ChannelData data)
    {
        if (HasEnded || Received + data.Length - _consumed > AkkaChannel.WindowBytes) return false;
        Received += data.Length;
        _unread.Enqueue(data.Bytes);
        return true;
    }

    public void End()
    {
        Received++;
        HasEnded = true;
    }

    public int Read(Span<byte> buffer)
    {
        if (_first.IsEmpty) _first = _unread.Dequeue();
        var read = Math.Min(buffer.Length, _first.Length);
        _first.Span[..read].CopyTo(buffer);
        _first = _first[read..];
        _consumed += read;
        return read;
    }

    /// <summary>Says what has come and how much more may.</summary>
    public ChannelAck Ack(bool resend)
    {
        _announced = _consumed + AkkaChannel.WindowBytes;
        return new ChannelAck(Received, _announced, resend);
    }
}
