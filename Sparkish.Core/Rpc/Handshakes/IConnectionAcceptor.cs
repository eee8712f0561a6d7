namespace Sparkish.Rpc.Handshakes;

/// <summary>Owns the connections of an env.</summary>
internal interface IConnectionAcceptor
{
    /// <summary>
    /// Decides about a proven peer, before it is told the outcome. Called on pool threads, several at once.
    /// </summary>
    /// <returns>
    /// The function that then serves the peer's channel until its end, called once in any case, also when the peer has gone meanwhile; or null if
    /// another connection with this peer stands or wins. The channel is disposed when the function ends.
    /// </returns>
    /// <exception cref="HandshakeException">The peer is not the node that it claims to be; it gets the reason.</exception>
    ValueTask<Func<IChannel, Task>?> AdmitAsync(PeerIdentity peer);
}
