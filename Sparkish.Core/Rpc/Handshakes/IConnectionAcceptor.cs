namespace Sparkish.Rpc.Handshakes;

/// <summary>Owns the connections of an env.</summary>
internal interface IConnectionAcceptor
{
    /// <summary>Decides on an authenticated peer before the verdict is sent. Called on pool threads, concurrently.</summary>
    /// <returns>
    /// The function that serves the peer's channel until its end; null if another connection with this peer exists or takes precedence. It is always called
    /// once, even if the peer has disconnected. The channel is disposed when the function completes.
    /// </returns>
    /// <exception cref="HandshakeException">The peer is not the node that it claims to be; the reason is sent to it.</exception>
    ValueTask<Func<IChannel, Task>?> AdmitAsync(PeerIdentity peer);
}
