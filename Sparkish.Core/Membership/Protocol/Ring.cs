using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>
/// The ring of all nodes, in which each node monitors its successor. It is ordered by hashes of addresses, so that all nodes agree on it, and so that the nodes
/// of one machine, which fail together, are not neighbours.
/// </summary>
internal static class Ring
{
    public static ulong PlaceOf(RpcAddress address)
    {
        // FNV-1a, which is equal in all processes, and the finalizer of SplitMix64: addresses differ in few bits.
        var hash = 14695981039346656037UL;
        foreach (var character in address.Host) hash = (hash ^ character) * 1099511628211UL;
        hash ^= (ulong)address.Port << 32;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }

    /// <summary>Returns the distance from one position to another.</summary>
    public static ulong Distance(ulong from, ulong to) => unchecked(to - from - 1);
}
