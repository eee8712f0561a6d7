using System.Net.Sockets;

namespace Sparkish.Rpc.Handshakes;

/// <summary>
/// The byte stream of one connection, ordered, in both directions: a socket, TLS over a socket, or a simulated wire. One reader and one writer at a time; any
/// thread may dispose it, which ends both. A broken connection causes a <see cref="SocketException"/> or an <see cref="IOException"/>.
/// </summary>
internal interface IChannel : IDisposable
{
    /// <summary>The remote end of the wire, for logs.</summary>
    string Remote { get; }

    /// <summary>Whether the channel is encrypted.</summary>
    bool IsEncrypted { get; }

    /// <summary>Whether received bytes wait to be read. Any thread may ask, even after the end.</summary>
    bool HasUnread { get; }

    /// <summary>Whether the thread on which a receive completes may run handlers; false where it also serves other channels.</summary>
    bool LendsThread => true;

    /// <summary>Receives the available bytes, at least one; 0 at the end.</summary>
    ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);

    /// <summary>Sends all bytes. Completes when the wire has room for them, not when the peer has read them.</summary>
    ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default);

    /// <summary>Signals that no more will be sent; earlier bytes still arrive.</summary>
    /// <exception cref="SocketException">The connection has ended.</exception>
    /// <exception cref="ObjectDisposedException">The channel is disposed.</exception>
    void ShutdownSend();
}
