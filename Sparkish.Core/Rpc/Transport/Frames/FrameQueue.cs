namespace Sparkish.Rpc.Transport.Frames;

/// <summary>Frames that wait to be sent, copied one after the other into large blocks. Guarded by the lock of its outbox.</summary>
internal sealed class FrameQueue(TransportBudget budget)
{
    private const int BlockBytes = 64 << 10;

    private readonly Queue<FrameBlock> _full = new();
    private byte[]? _active;
    private int _activeLength;
    private int _activeMessages;

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => _active is null && _full.Count == 0;

    /// <summary>Copies a frame; false when the env's buffers are used up.</summary>
    public bool TryAdd(ReadOnlySpan<byte> frame, bool isMessage, bool always)
    {
        if (_active is null || _active.Length - _activeLength < frame.Length)
        {
            if (budget.TryRent(Math.Max(BlockBytes, frame.Length), always) is not { } block) return false;
            if (_active is not null) _full.Enqueue(Active);
            (_active, _activeLength, _activeMessages) = (block, 0, 0);
        }

        frame.CopyTo(_active.AsSpan(_activeLength));
        _activeLength += frame.Length;
        if (isMessage) _activeMessages++;
        return true;
    }

    /// <summary>Takes the next block; the caller returns its array to the budget.</summary>
    public bool TryTake(out FrameBlock block)
    {
        if (_full.TryDequeue(out block)) return true;
        if (_active is null) return false;
        block = Active;
        _active = null;
        return true;
    }

    /// <summary>Discards the waiting frames; returns the number of their messages.</summary>
    public long Clear()
    {
        var messages = 0L;
        while (TryTake(out var block))
        {
            messages += block.Messages;
            budget.Return(block.Bytes);
        }

        return messages;
    }

    private FrameBlock Active => new(_active!, _activeLength, _activeMessages);
}

/// <summary>A block of frames.</summary>
/// <param name="Bytes">The buffer.</param>
/// <param name="Length">Number of bytes in use.</param>
/// <param name="Messages">Number of frames that were sent without waiting for a reply.</param>
internal readonly record struct FrameBlock(byte[] Bytes, int Length, int Messages);
