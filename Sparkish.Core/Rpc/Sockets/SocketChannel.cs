using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Sparkish.Rpc.Handshakes;

namespace Sparkish.Rpc.Sockets;

/// <summary>
/// A plain socket, or TLS over one. A broken connection causes a <see cref="SocketException"/>, or an <see cref="IOException"/> under TLS. Bulk connections
/// also use it in blocking mode.
/// </summary>
internal sealed class SocketChannel : IChannel
{
    private readonly Socket _socket;
    private readonly SslStream? _tls;

    public SocketChannel(Socket socket, SslStream? tls = null)
    {
        _socket = socket;
        _tls = tls;
        Remote = socket.RemoteEndPoint?.ToString() ?? "an unknown address";
    }

    /// <inheritdoc/>
    public bool IsEncrypted => _tls is not null;

    /// <inheritdoc/>
    public string Remote { get; }

    /// <inheritdoc/>
    public bool HasUnread
    {
        get
        {
            try
            {
                return _socket.Available > 0;
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return false;
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _tls is null ? _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken) : _tls.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        if (_tls is not null) return _tls.WriteAsync(bytes, cancellationToken);
        var sending = _socket.SendAsync(bytes, SocketFlags.None, cancellationToken);
        if (!sending.IsCompletedSuccessfully) return FinishAsync(sending, bytes, cancellationToken);
#pragma warning disable VSTHRD103 // it has completed; it is read only once, since the system may reuse its source from here on
        var sent = sending.Result;
#pragma warning restore VSTHRD103
        return sent == bytes.Length ? ValueTask.CompletedTask : FinishAsync(ValueTask.FromResult(sent), bytes, cancellationToken);
    }

    /// <summary>Receives like <see cref="ReceiveAsync"/>, blocking the thread.</summary>
    public int Receive(Span<byte> buffer) => _tls is null ? _socket.Receive(buffer) : _tls.Read(buffer);

    /// <summary>Sends all of it, blocking the thread.</summary>
    public void Send(ReadOnlySpan<byte> bytes)
    {
        if (_tls is not null)
        {
            _tls.Write(bytes);
            return;
        }

        while (!bytes.IsEmpty) bytes = bytes[_socket.Send(bytes)..];
    }

    /// <summary>Whether nothing has arrived since the last byte that was read, not even the connection's end.</summary>
    public bool IsQuiet() => !_socket.Poll(0, SelectMode.SelectRead);

    /// <inheritdoc/>
    public void ShutdownSend() => _socket.Shutdown(SocketShutdown.Send);

    public void Dispose()
    {
        // The socket first: a reader or writer inside the TLS stream then fails instead of being waited for.
        _socket.Dispose();
        _tls?.Dispose();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask FinishAsync(ValueTask<int> sending, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        for (bytes = bytes[await sending.ConfigureAwait(false)..]; !bytes.IsEmpty;)
            bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
    }
}
