namespace Sparkish.Rpc.Handshakes;

/// <summary>Where peers connect to. Used by one accept loop; any thread may dispose it.</summary>
internal interface IChannelListener : IDisposable
{
    /// <summary>Waits for the next peer; null when the listener is disposed.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">One connection could not be accepted; later ones may.</exception>
    ValueTask<IIncomingChannel?> AcceptAsync();
}

/// <summary>A connection that was accepted and has not been looked at.</summary>
internal interface IIncomingChannel : IDisposable
{
    /// <summary>The peer's end of the wire, for logs.</summary>
    string Remote { get; }

    /// <summary>The address that it comes from, without a port: what all connections of one machine have in common.</summary>
    string Source { get; }

    /// <summary>Waits for the first byte; false when the peer or this side ends the connection before. It never throws.</summary>
    Task<bool> WhenSpokenAsync();

    /// <summary>Finds out whether the peer speaks TLS, and agrees on it. The channel owns the connection from then on.</summary>
    /// <exception cref="HandshakeException">The peer speaks neither TLS nor the protocol, or not as this node does.</exception>
    ValueTask<OpenedChannel> OpenAsync(CancellationToken cancellationToken);
}
