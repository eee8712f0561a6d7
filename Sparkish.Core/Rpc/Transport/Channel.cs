using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// The bytes of one connection after its handshake: a bare socket, or TLS over one. One reader and one writer at a time; any thread may dispose it,
/// which ends both. A broken connection is a <see cref="SocketException"/>, or an <see cref="IOException"/> where TLS stands between.
/// </summary>
internal sealed class Channel : IDisposable
{
    private readonly Socket _socket;
    private readonly SslStream? _tls;

    public Channel(Socket socket, SslStream? tls = null)
    {
        _socket = socket;
        _tls = tls;
        Remote = socket.RemoteEndPoint?.ToString() ?? "an unknown address";
    }

    /// <summary>Whether the peer proved that it knows the secret, or showed a client certificate that was checked.</summary>
    public bool IsAuthenticated { get; private set; }

    /// <summary>Whether what crosses is encrypted.</summary>
    public bool IsEncrypted => _tls is not null;

    /// <summary>The peer's socket address, for logs.</summary>
    public string Remote { get; }

    /// <summary>Receives what is there, at least one byte; 0 at the end.</summary>
    public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _tls is null ? _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken) : _tls.ReadAsync(buffer, cancellationToken);

    /// <summary>Sends all of it.</summary>
    public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        if (_tls is not null) return _tls.WriteAsync(bytes, cancellationToken);
        var sending = _socket.SendAsync(bytes, SocketFlags.None, cancellationToken);
        if (!sending.IsCompletedSuccessfully) return FinishAsync(sending, bytes, cancellationToken);
#pragma warning disable VSTHRD103 // it has completed; and it is read once, for the system may use its source again from here on
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

    /// <summary>Whether nothing has come since the last byte that was read, not even the connection's end.</summary>
    public bool IsQuiet() => !_socket.Poll(0, SelectMode.SelectRead);

    /// <summary>Says that no more will be sent; what was sent still arrives.</summary>
    /// <exception cref="SocketException">The connection has ended meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The channel is disposed.</exception>
    public void ShutdownSend() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>The handshake has found out who the peer is.</summary>
    public void MarkAuthenticated() => IsAuthenticated = true;

    public void Dispose()
    {
        // The socket first: a reader or writer inside the TLS stream then ends, rather than being waited for.
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
