namespace Sparkish.Rpc.Transport.Frames;

/// <summary>What the peer of a connection says of a handshake that names its address.</summary>
internal enum ProbeResult : byte
{
    /// <summary>It makes none such: somebody else does.</summary>
    Foreign = 0,

    /// <summary>It makes it itself.</summary>
    Own = 1,

    /// <summary>Nothing came in time, or the connection has ended.</summary>
    NoAnswer = 2,
}
