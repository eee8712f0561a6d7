namespace Sparkish.Rpc.Handshakes;

/// <summary>Opens channels to peers: over sockets, or over a simulated network. Safe on all threads of its env.</summary>
internal interface IDialler
{
    /// <summary>Opens a channel on which no handshake has begun.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The peer cannot be reached.</exception>
    /// <exception cref="HandshakeException">The peer does not speak TLS as this node does.</exception>
    ValueTask<OpenedChannel> OpenAsync(RpcAddress peer, CancellationToken cancellationToken);
}

/// <summary>A channel before the handshake.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Binding">The certificates that were shown on it.</param>
/// <param name="Refusal">The reason to refuse the peer regardless of its handshake; null if the handshake decides.</param>
internal readonly record struct OpenedChannel(IChannel Channel, ChannelBinding Binding, string? Refusal = null);
