using System.Runtime.InteropServices;

namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>A change: alone, or part of a transaction.</summary>
internal abstract record ZooKeeperOperation(OpCode Code, string Path)
{
    /// <param name="writer">The destination of the operation.</param>
    /// <param name="toServerPath">Prepends a client's root to a path.</param>
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
    /// <param name="Version">The expected version; -1 for any.</param>
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
    /// <param name="Version">The expected version; -1 for any.</param>
    public sealed record Delete(string Path, int Version = -1) : ZooKeeperOperation(OpCode.Delete, Path)
    {
        public override void Write(JuteWriter writer, Func<string, string> toServerPath)
        {
            writer.Text(toServerPath(Path));
            writer.Int(Version);
        }
    }

    /// <param name="Path">The node.</param>
    /// <param name="Version">The expected version.</param>
    public sealed record Check(string Path, int Version) : ZooKeeperOperation(OpCode.Check, Path)
    {
        public override void Write(JuteWriter writer, Func<string, string> toServerPath)
        {
            writer.Text(toServerPath(Path));
            writer.Int(Version);
        }
    }
}

/// <summary>The result of one of several operations.</summary>
/// <param name="CreatedPath">The path of a created node, relative to the client's root; else null.</param>
/// <param name="Stat">The metadata of a changed node; else null.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct OperationResult(string? CreatedPath, NodeStat? Stat);
