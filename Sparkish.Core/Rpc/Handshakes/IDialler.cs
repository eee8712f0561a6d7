namespace Sparkish.Rpc.Handshakes;

/// <summary>Opens channels to peers: over sockets, or over a simulated network. Safe for all threads that its env runs on.</summary>
internal interface IDialler
{
    /// <summary>Opens a channel on which nothing of the protocol was said yet.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The peer cannot be reached.</exception>
    /// <exception cref="HandshakeException">The peer does not speak TLS as this node does.</exception>
    ValueTask<OpenedChannel> OpenAsync(RpcAddress peer, CancellationToken cancellationToken);
}

/// <summary>A channel before the handshake.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Binding">The certificates that were shown on it.</param>
/// <param name="Refusal">Why the peer is refused whatever it says; null if the handshake decides.</param>
internal readonly record struct OpenedChannel(IChannel Channel, ChannelBinding Binding, string? Refusal = null);
