#pragma warning disable MA0048 // the outcome of an append stands beside it
using System.Buffers;
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>What became of a frame.</summary>
internal enum AppendResult
{
    Added,
    Full,
    Closed,
}

/// <summary>How soon a frame leaves.</summary>
internal enum Urgency
{
    /// <summary>Soon, together with what comes next: a pool thread sends.</summary>
    Message,

    /// <summary>At the end of the inbox's turn, on its thread: a reply, or a message of an endpoint with a thread of its own.</summary>
    Reply,

    /// <summary>Now, on the caller's thread: nothing else is likely to come before its answer.</summary>
    LoneAsk,
}

/// <summary>
/// What waits to be sent over one connection: frames are copied into large pooled blocks, and a single writer at a time sends block after block.
/// While there is no socket yet, blocks wait. Bounded in bytes. Safe for all threads.
/// </summary>
internal sealed class Outbox : IThreadPoolWorkItem
{
    private const int BlockBytes = 64 << 10;

    private readonly long _maxBytes;
    private readonly Action<Exception> _failed;
    private readonly Action _sendInline;
    private readonly Lock _lock = new();
    private readonly Queue<ArraySegment<byte>> _full = new();
    private byte[]? _active;
    private int _activeLength;
    private long _bytes;
    private long _taken;
    private Channel? _channel;
    private bool _writing;
    private bool _closed;
    private TaskCompletionSource? _idle;

    public Outbox(long maxBytes, Action<Exception> failed)
    {
        _maxBytes = maxBytes;
        _failed = failed;
        _sendInline = () => _ = WriteAsync(inline: true); // never throws; its end is seen through WhenIdleAsync
    }

    /// <summary>Adds one frame and sees to it that it is sent.</summary>
    /// <param name="frame">The frame, copied.</param>
    /// <param name="urgency">How soon it leaves.</param>
    /// <param name="always">Whether it may exceed the bound.</param>
    public AppendResult Append(ReadOnlySpan<byte> frame, Urgency urgency, bool always = false)
    {
        lock (_lock)
        {
            if (_closed) return AppendResult.Closed;
            if (!always && _bytes > 0 && _bytes + frame.Length > _maxBytes) return AppendResult.Full;
            Copy(frame);
            if (_writing || _channel is null) return AppendResult.Added;
            _writing = true;
        }

        if (urgency == Urgency.LoneAsk) _sendInline();
        else if (urgency != Urgency.Reply || !Turn.TryDefer(_sendInline)) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        return AppendResult.Added;
    }

    /// <summary>How many bytes it has taken since its start.</summary>
    public long BytesTaken => Volatile.Read(ref _taken);

    /// <summary>Starts sending: what has waited, then what comes.</summary>
    public void Start(Channel channel)
    {
        lock (_lock)
        {
            _channel = channel;
            if (_bytes == 0 || _closed) return;
            _writing = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Takes nothing more and forgets what waits.</summary>
    /// <returns>How many bytes waited, or were being sent.</returns>
    public long Close()
    {
        lock (_lock)
        {
            var waited = _closed ? 0 : _bytes;
            _closed = true;
            while (_full.TryDequeue(out var block)) ArrayPool<byte>.Shared.Return(block.Array!);
            if (_active is not null) ArrayPool<byte>.Shared.Return(_active);
            _active = null;
            if (!_writing) _idle?.TrySetResult();
            return waited;
        }
    }

    /// <summary>Completes when nothing waits and nothing is being sent.</summary>
    public Task WhenIdleAsync()
    {
        lock (_lock)
        {
            if (!_writing && (_bytes == 0 || _closed)) return Task.CompletedTask;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task;
        }
    }

    void IThreadPoolWorkItem.Execute() => _ = WriteAsync(inline: false);

    /// <summary>Sends until nothing waits; inline only what waits already, so that the caller's thread is not kept by what others add.</summary>
    private async Task WriteAsync(bool inline)
    {
        var sent = 0;
        while (Next(sent) is { Array: not null } block)
        {
            try
            {
                sent = block.Count;
                await _channel!.SendAsync(block.AsMemory()).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                _failed(error);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(block.Array);
            }

            if (inline && !IsDone(ref sent))
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                return;
            }
        }
    }

    /// <summary>Whether nothing waits after a block was sent; the writing has not ended yet.</summary>
    private bool IsDone(ref int sent)
    {
        lock (_lock)
        {
            _bytes -= sent;
            sent = 0;
            return _closed || _active is null;
        }
    }

    /// <summary>Takes the next block, or ends the writing.</summary>
    private ArraySegment<byte> Next(int sent)
    {
        lock (_lock)
        {
            _bytes -= sent;
            if (!_closed && _full.TryDequeue(out var block)) return block;
            if (!_closed && _active is not null)
            {
                block = new ArraySegment<byte>(_active, 0, _activeLength);
                _active = null;
                return block;
            }

            _writing = false;
            _idle?.TrySetResult();
            _idle = null;
            return default;
        }
    }

    private void Copy(ReadOnlySpan<byte> frame)
    {
        if (_active is not null && _active.Length - _activeLength < frame.Length)
        {
            _full.Enqueue(new ArraySegment<byte>(_active, 0, _activeLength));
            _active = null;
        }

        if (_active is null)
        {
            _active = ArrayPool<byte>.Shared.Rent(Math.Max(BlockBytes, frame.Length));
            _activeLength = 0;
        }

        frame.CopyTo(_active.AsSpan(_activeLength));
        _activeLength += frame.Length;
        _bytes += frame.Length;
        _taken += frame.Length;
    }
}
