using System.Net.Sockets;
using Sparkish.Rpc.Handshakes;

namespace Sparkish.Simulation;

/// <summary>The byte stream of one simulated connection, in place of a real node's socket. All members run on the simulation's thread.</summary>
internal sealed class SimulatedChannel(WireEnd end) : IChannel
{
    // Size of the kernel buffers of both sides, beyond which a sender has to wait.
    private const long WindowBytes = 256 << 10;

    private readonly TaskCompletionSource<bool> _connected = new();
    private Memory<byte> _wanted;
    private TaskCompletionSource<int>? _receiving;
    private TaskCompletionSource<bool>? _sending;
    private TaskCompletionSource<bool>? _spoken;
    private ReadOnlyMemory<byte> _unread;
    private Exception? _broken;
    private bool _hasEnded;
    private bool _hasShutDown;
    private bool _isDisposed;

    public string Remote => end.Other.Node.Name;

    public bool IsEncrypted => false;

    public bool HasUnread => !_unread.IsEmpty || end.Other.Outgoing.HasUnread;

    /// <summary>Completes when the peer's machine has answered.</summary>
    public Task WhenConnectedAsync(CancellationToken cancellationToken)
    {
        var registration = cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource<bool>)state!).TrySetCanceled(token), _connected);
        return Finish(_connected.Task, registration);
    }

    /// <summary>Called when the peer has dialled, so that the connection is established.</summary>
    public SimulatedChannel Accepted()
    {
        _connected.TrySetResult(true);
        return this;
    }

    /// <summary>Completes with true when the first bytes have arrived, with false if the connection ends before.</summary>
    public Task<bool> WhenSpokenAsync()
    {
        if (!_unread.IsEmpty) return Task.FromResult(true);
        if (_broken is not null || _hasEnded || _isDisposed) return Task.FromResult(false);
        _spoken = new TaskCompletionSource<bool>();
        return _spoken.Task;
    }

    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Check();
        if (!_unread.IsEmpty) return ValueTask.FromResult(TakeUnread(buffer));
        if (_broken is not null) return ValueTask.FromException<int>(_broken);
        if (_hasEnded) return ValueTask.FromResult(0);
        _wanted = buffer;
        _receiving = new TaskCompletionSource<int>();
        var registration = cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource<int>)state!).TrySetCanceled(token), _receiving);
        var received = Finish(_receiving.Task, registration);
        end.Other.Outgoing.Unblock();
        return new ValueTask<int>(received);
    }

    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        Check();
        if (_broken is not null) return ValueTask.FromException(_broken);
        if (_hasShutDown) return ValueTask.FromException(new SocketException((int)SocketError.Shutdown));
        foreach (var piece in end.Node.Cluster.Network.Cut(bytes)) end.Send(new Segment(SegmentKind.Data, piece.ToArray()));
        if (end.Outgoing.Bytes <= WindowBytes) return ValueTask.CompletedTask;
        _sending = new TaskCompletionSource<bool>();
        var registration = cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource<bool>)state!).TrySetCanceled(token), _sending);
        return new ValueTask(Finish(_sending.Task, registration));
    }

    public void ShutdownSend()
    {
        Check();
        if (_broken is not null) throw new SocketException((int)SocketError.NotConnected);
        if (_hasShutDown) return;
        _hasShutDown = true;
        end.Send(new Segment(SegmentKind.Fin));
    }

    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        // A kernel with unread bytes that will never be read sends a reset, which may overtake earlier bytes.
        if (HasUnread) end.Reset(end.Node.Cluster.Network.Draw(end.Outgoing.Count + 1));
        else if (_hasShutDown) end.Finish();
        else end.Close();
        var gone = new ObjectDisposedException(nameof(SimulatedChannel));
        _spoken?.TrySetResult(false);
        _receiving?.TrySetException(gone);
        _sending?.TrySetException(gone);
        _connected.TrySetException(gone);
    }

    /// <summary>Called when bytes have arrived from the peer.</summary>
    public void Arrive(Segment segment)
    {
        switch (segment.Kind)
        {
            case SegmentKind.SynAck: _connected.TrySetResult(true); break;
            case SegmentKind.Data: OnData(segment.Bytes); break;
            case SegmentKind.Fin: OnEnd(); break;
            default: OnReset(); break;
        }
    }

    /// <summary>Called when the peer has received some of the bytes in transit.</summary>
    public void OnRoom()
    {
        if (_sending is null || end.Outgoing.Bytes > WindowBytes) return;
        var sending = _sending;
        _sending = null;
        sending.TrySetResult(true);
    }

    private void OnData(byte[] bytes)
    {
        _unread = bytes;
        end.Other.Outgoing.Block(); // until the process asks for more
        if (_spoken?.TrySetResult(true) is true) return; // the waiting reader reads for itself
        if (_receiving is not { Task.IsCompleted: false } receiving) return;
        _receiving = null;
        receiving.TrySetResult(TakeUnread(_wanted));
    }

    private void OnEnd()
    {
        _hasEnded = true;
        _spoken?.TrySetResult(false);
        _receiving?.TrySetResult(0);
    }

    private void OnReset()
    {
        var refused = !_connected.Task.IsCompleted;
        _broken = new SocketException((int)(refused ? SocketError.ConnectionRefused : SocketError.ConnectionReset));
        _unread = default;
        end.Finish();
        _connected.TrySetException(_broken);
        _spoken?.TrySetResult(false);
        _receiving?.TrySetException(_broken);
        _sending?.TrySetException(_broken);
    }

    private int TakeUnread(Memory<byte> buffer)
    {
        var taken = _unread[..Math.Min(buffer.Length, _unread.Length)];
        taken.CopyTo(buffer);
        _unread = _unread[taken.Length..];
        return taken.Length;
    }

    private void Check()
    {
        end.Node.Cluster.CheckThread();
        ObjectDisposedException.ThrowIf(_isDisposed, this);
    }

    private static async Task<T> Finish<T>(Task<T> task, CancellationTokenRegistration registration)
    {
        try
        {
            return await task.ConfigureAwait(false);
        }
        finally
        {
            registration.Unregister();
        }
    }
}
