using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>
/// The ring of all nodes, on which each looks after the next one: by hashes of their addresses, so that it is the same for all, and so that the nodes of one
/// machine, which are lost together, do not stand side by side.
/// </summary>
internal static class Ring
{
    public static ulong PlaceOf(RpcAddress address)
    {
        // FNV-1a, which is the same in all processes, and SplitMix64's end: addresses differ in little.
        var hash = 14695981039346656037UL;
        foreach (var character in address.Host) hash = (hash ^ character) * 1099511628211UL;
        hash ^= (ulong)address.Port << 32;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }

    /// <summary>How far it is from one place on to another.</summary>
    public static ulong Distance(ulong from, ulong to) => unchecked(to - from - 1);
}
