using System.Buffers.Binary;
using DotNext.Net.Cluster;
using Sparkish.Serialization.Rows;

namespace Sparkish.Deploy.Recovery.Raft;

/// <summary>The Raft term of a member, and its vote in that term. Both must survive a restart, or it could vote twice.</summary>
/// <param name="Term">The term.</param>
/// <param name="Member">The member that got the vote; null for none.</param>
internal sealed record RaftVote(long Term, ClusterMemberId? Member)
{
    private const uint Magic = 0x53525631; // SRV1
    private const int MemberOffset = 17;

    private static int Length => MemberOffset + ClusterMemberId.Size;

    public byte[] Encode()
    {
        var bytes = new byte[Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), Term);
        if (Member is { } member)
        {
            bytes[MemberOffset - 1] = 1;
            member.Format(bytes.AsSpan(MemberOffset));
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Crc32C.Of(Magic, bytes.AsSpan(8)));
        return bytes;
    }

    /// <summary>Returns null for damaged bytes.</summary>
    public static RaftVote? Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) != Crc32C.Of(Magic, bytes[8..])) return null;
        ClusterMemberId? member = bytes[MemberOffset - 1] == 0 ? null : new ClusterMemberId(bytes[MemberOffset..]);
        return new RaftVote(BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]), member);
    }
}
