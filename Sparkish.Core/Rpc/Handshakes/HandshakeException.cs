namespace Sparkish.Rpc.Handshakes;

/// <summary>
/// A peer is not what it should be. The message is written for both sides: it speaks of the connecting and the listening node, and where the peer
/// speaks our protocol it is told the same.
/// </summary>
internal sealed class HandshakeException(string message, bool tellPeer = false, Exception? innerException = null) : SparkException(message, innerException)
{
    /// <summary>Whether the peer understands a refusal and does not know the reason by itself.</summary>
    public bool TellPeer { get; } = tellPeer;

    /// <summary>Whether it is the peer that refuses; it has said why.</summary>
    public bool IsOfPeer { get; init; }
}

/// <summary>The peer says that another connection with it stands, or wins: that one is to be used.</summary>
internal sealed class DuplicateConnectionException(RpcAddress peer) : SparkException($"Another connection with {peer} stands already.");
