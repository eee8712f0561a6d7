namespace Sparkish.Rpc.Transport.Frames;

/// <summary>What the peer of a connection says of a handshake that names its address.</summary>
internal enum ProbeResult : byte
{
    /// <summary>It makes none such: somebody else does.</summary>
    Foreign = 0,

    /// <summary>It makes it itself.</summary>
    Own = 1,

    /// <summary>There is nobody to ask: the connection has ended, or its peer knows no probes.</summary>
    NoAnswer = 2,

    /// <summary>Nothing came in time over a connection that is open all the same: the peer may only be slow.</summary>
    Late = 3,
}
