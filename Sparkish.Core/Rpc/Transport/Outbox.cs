#pragma warning disable MA0048 // the outcome of an append stands beside it
using System.Buffers;
using System.Net.Sockets;

namespace Sparkish.Rpc.Transport;

/// <summary>What became of a frame.</summary>
internal enum AppendResult
{
    Added,
    Full,
    Closed,
}

/// <summary>
/// What waits to be sent over one connection: frames are copied into large pooled blocks, and a single writer at a time sends block after block.
/// While there is no socket yet, blocks wait. Bounded in bytes. Safe for all threads.
/// </summary>
internal sealed class Outbox(long maxBytes, Action<Exception> failed) : IThreadPoolWorkItem
{
    private const int BlockBytes = 64 << 10;

    private readonly Lock _lock = new();
    private readonly Queue<ArraySegment<byte>> _full = new();
    private byte[]? _active;
    private int _activeLength;
    private long _bytes;
    private Socket? _socket;
    private bool _writing;
    private bool _closed;
    private TaskCompletionSource? _idle;

    /// <summary>Adds one frame and sees to it that it is sent.</summary>
    public AppendResult Append(ReadOnlySpan<byte> frame)
    {
        lock (_lock)
        {
            if (_closed) return AppendResult.Closed;
            if (_bytes > 0 && _bytes + frame.Length > maxBytes) return AppendResult.Full;
            Copy(frame);
            if (_writing || _socket is null) return AppendResult.Added;
            _writing = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
        return AppendResult.Added;
    }

    /// <summary>Starts sending: what has waited, then what comes.</summary>
    public void Start(Socket socket)
    {
        lock (_lock)
        {
            _socket = socket;
            if (_bytes == 0 || _closed) return;
            _writing = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Takes nothing more and forgets what waits.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            while (_full.TryDequeue(out var block)) ArrayPool<byte>.Shared.Return(block.Array!);
            if (_active is not null) ArrayPool<byte>.Shared.Return(_active);
            _active = null;
            if (!_writing) _idle?.TrySetResult();
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

    void IThreadPoolWorkItem.Execute() => _ = WriteAsync(); // never throws; its end is seen through WhenIdleAsync

    private async Task WriteAsync()
    {
        var sent = 0;
        while (Next(sent) is { Array: not null } block)
        {
            try
            {
                for (sent = 0; sent < block.Count;)
                    sent += await _socket!.SendAsync(block.AsMemory(sent), SocketFlags.None).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                failed(error);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(block.Array);
            }
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
    }
}
