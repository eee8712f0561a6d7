namespace Sparkish.Rpc.Transport;

/// <summary>Which of two nodes that dial each other at once makes their one connection; both come to the same answer by themselves.</summary>
internal static class DialOrder
{
    /// <summary>Whether the dialling of one goes before that of the other.</summary>
    public static bool GoesBefore(RpcAddress one, RpcAddress other)
    {
        var hosts = string.CompareOrdinal(one.Host, other.Host);
        return hosts != 0 ? hosts < 0 : one.Port < other.Port;
    }
}
