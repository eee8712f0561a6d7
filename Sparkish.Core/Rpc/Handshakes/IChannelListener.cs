namespace Sparkish.Rpc.Handshakes;

/// <summary>Listens for connections of peers. Used by one accept loop; any thread may dispose it.</summary>
internal interface IChannelListener : IDisposable
{
    /// <summary>Waits for the next peer; null when the listener is disposed.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">One connection could not be accepted; later ones may.</exception>
    ValueTask<IIncomingChannel?> AcceptAsync();
}

/// <summary>An accepted connection that has not been read from.</summary>
internal interface IIncomingChannel : IDisposable
{
    /// <summary>The remote end of the wire, for logs.</summary>
    string Remote { get; }

    /// <summary>The remote address without a port, shared by all connections from one machine.</summary>
    string Source { get; }

    /// <summary>Waits for the first byte; false if either side closes the connection first. Never throws.</summary>
    Task<bool> WhenSpokenAsync();

    /// <summary>Detects whether the peer speaks TLS, and negotiates it. The channel then owns the connection.</summary>
    /// <exception cref="HandshakeException">The peer speaks neither TLS nor the protocol, or not as this node does.</exception>
    ValueTask<OpenedChannel> OpenAsync(CancellationToken cancellationToken);
}
