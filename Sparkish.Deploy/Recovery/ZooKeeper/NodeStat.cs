using System.Runtime.InteropServices;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>The metadata of a node.</summary>
/// <param name="Czxid">The transaction that created it; transactions are numbered in the order in which all servers apply them.</param>
/// <param name="Mzxid">The transaction that changed its data last.</param>
/// <param name="Version">Number of changes of its data.</param>
/// <param name="EphemeralOwner">The session that it belongs to; 0 for a node that stays.</param>
/// <param name="DataLength">The size of its data, in bytes.</param>
/// <param name="NumChildren">Number of children.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct NodeStat(long Czxid, long Mzxid, int Version, long EphemeralOwner, int DataLength, int NumChildren)
{
    public static NodeStat Read(ref JuteReader reader)
    {
        var czxid = reader.Long();
        var mzxid = reader.Long();
        _ = reader.Long(); // ctime
        _ = reader.Long(); // mtime
        var version = reader.Int();
        _ = reader.Int(); // cversion
        _ = reader.Int(); // aversion
        var owner = reader.Long();
        var length = reader.Int();
        var children = reader.Int();
        _ = reader.Long(); // pzxid
        return new NodeStat(czxid, mzxid, version, owner, length, children);
    }
}
