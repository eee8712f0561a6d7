using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>An order of addresses that is the same in all processes.</summary>
internal static class AddressOrder
{
    public static Comparer<RpcAddress> Comparer { get; } = Comparer<RpcAddress>.Create(static (a, b) =>
        string.CompareOrdinal(a.Host, b.Host) is var hosts && hosts != 0 ? hosts : a.Port.CompareTo(b.Port));
}
