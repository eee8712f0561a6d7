using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>The consequences of a view change for the other parts.</summary>
internal abstract record ViewChange
{
    private ViewChange()
    {
    }

    /// <summary>The other nodes must learn it, too.</summary>
    public sealed record News(MemberRumor Rumor) : ViewChange;

    /// <summary>A new node is present, and must be probed.</summary>
    public sealed record Met(RpcAddress Address) : ViewChange;

    /// <summary>A node is alive that was considered dead.</summary>
    /// <param name="Death">The rumor of its death.</param>
    public sealed record Revived(MemberEntry Death) : ViewChange;

    /// <summary>Other nodes suspect this node or consider it dead.</summary>
    public sealed record Accused : ViewChange;

    /// <summary>Most others considered this node dead, and it considered them dead: its rumors of their deaths are void.</summary>
    public sealed record CutOff : ViewChange;
}
