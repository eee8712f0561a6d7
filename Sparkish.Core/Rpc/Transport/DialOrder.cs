namespace Sparkish.Rpc.Transport;

/// <summary>Decides which of two nodes that dial each other at once establishes their one connection; both decide alike without communication.</summary>
internal static class DialOrder
{
    /// <summary>Whether the dialling of one node takes precedence over that of the other.</summary>
    public static bool GoesBefore(RpcAddress one, RpcAddress other)
    {
        var hosts = string.CompareOrdinal(one.Host, other.Host);
        return hosts != 0 ? hosts < 0 : one.Port < other.Port;
    }
}
