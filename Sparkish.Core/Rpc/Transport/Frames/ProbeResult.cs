namespace Sparkish.Rpc.Transport.Frames;

/// <summary>The answer of a connection's peer about a handshake that claims its address.</summary>
internal enum ProbeResult : byte
{
    /// <summary>The peer makes no such handshake: another process does.</summary>
    Foreign = 0,

    /// <summary>The peer makes the handshake itself.</summary>
    Own = 1,

    /// <summary>No answer in time, or the connection has ended.</summary>
    NoAnswer = 2,

    /// <summary>Nothing came in time over a connection that is open all the same: the peer may only be slow.</summary>
    Late = 3,
}
