using System.Runtime.InteropServices;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>A change: alone, or one of several that are done all or none.</summary>
internal abstract record ZooKeeperOperation(OpCode Code, string Path)
{
    /// <param name="writer">Takes the operation.</param>
    /// <param name="toServerPath">Puts a client's root before a path.</param>
    public abstract void Write(JuteWriter writer, Func<string, string> toServerPath);

    public sealed record Create(string Path, ReadOnlyMemory<byte> Data, ZooKeeperAcl Acl, CreateMode Mode = CreateMode.Persistent)
        : ZooKeeperOperation(OpCode.Create, Path)
    {
        public override void Write(JuteWriter writer, Func<string, string> toServerPath)
        {
            writer.Text(toServerPath(Path));
            writer.Bytes(Data.Span);
            Acl.Write(writer);
            writer.Int((int)Mode);
        }
    }

    /// <param name="Path">The node.</param>
    /// <param name="Data">Its new data.</param>
    /// <param name="Version">The version that it must have; -1 for any.</param>
    public sealed record SetData(string Path, ReadOnlyMemory<byte> Data, int Version) : ZooKeeperOperation(OpCode.SetData, Path)
    {
        public override void Write(JuteWriter writer, Func<string, string> toServerPath)
        {
            writer.Text(toServerPath(Path));
            writer.Bytes(Data.Span);
            writer.Int(Version);
        }
    }

    /// <param name="Path">The node, without children.</param>
    /// <param name="Version">The version that it must have; -1 for any.</param>
    public sealed record Delete(string Path, int Version = -1) : ZooKeeperOperation(OpCode.Delete, Path)
    {
        public override void Write(JuteWriter writer, Func<string, string> toServerPath)
        {
            writer.Text(toServerPath(Path));
            writer.Int(Version);
        }
    }

    /// <param name="Path">The node.</param>
    /// <param name="Version">The version that it must have.</param>
    public sealed record Check(string Path, int Version) : ZooKeeperOperation(OpCode.Check, Path)
    {
        public override void Write(JuteWriter writer, Func<string, string> toServerPath)
        {
            writer.Text(toServerPath(Path));
            writer.Int(Version);
        }
    }
}

/// <summary>What became of one of several operations.</summary>
/// <param name="CreatedPath">Where a node was made, as the client names it; else null.</param>
/// <param name="Stat">Of a node that was changed; else null.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct OperationResult(string? CreatedPath, NodeStat? Stat);
