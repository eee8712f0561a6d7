namespace Sparkish.Rpc.Handshakes;

/// <summary>
/// A peer failed the handshake. The message suits both sides: it names the connecting and the listening node, and a peer that speaks our protocol receives it
/// too.
/// </summary>
internal sealed class HandshakeException(string message, bool tellPeer = false, Exception? innerException = null) : SparkException(message, innerException)
{
    /// <summary>Whether the peer understands a refusal and does not know the reason already.</summary>
    public bool TellPeer { get; } = tellPeer;

    /// <summary>Whether the peer refused the connection and gave the reason.</summary>
    public bool IsOfPeer { get; init; }
}

/// <summary>The peer reports that another connection with it exists or takes precedence, which must be used instead.</summary>
internal sealed class DuplicateConnectionException(RpcAddress peer) : SparkException($"Another connection with {peer} already exists.");
