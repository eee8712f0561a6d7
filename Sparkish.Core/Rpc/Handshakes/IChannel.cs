using System.Net.Sockets;

namespace Sparkish.Rpc.Handshakes;

/// <summary>
/// The bytes of one connection, in both directions and in order: a socket, TLS over one, or a simulated wire. One reader and one writer at a time; any
/// thread may dispose it, which ends both. A broken connection is a <see cref="SocketException"/> or an <see cref="IOException"/>.
/// </summary>
internal interface IChannel : IDisposable
{
    /// <summary>The peer's end of the wire, for logs.</summary>
    string Remote { get; }

    /// <summary>Whether what crosses is encrypted.</summary>
    bool IsEncrypted { get; }

    /// <summary>Whether bytes have come that nobody has received yet. Any thread may ask, also after the end.</summary>
    bool HasUnread { get; }

    /// <summary>Receives what is there, at least one byte; 0 at the end.</summary>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    /// <summary>Sends all of it. It completes when the peer's side of the wire has room, not when the peer has read it.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default);

    /// <summary>Says that no more will be sent; what was sent still arrives.</summary>
    /// <exception cref="SocketException">The connection has ended meanwhile.</exception>
    /// <exception cref="ObjectDisposedException">The channel is disposed.</exception>
    void ShutdownSend();
}
