using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>What a change of the view means for the other parts.</summary>
internal abstract record ViewChange
{
    private ViewChange()
    {
    }

    /// <summary>The other nodes are to know it, too.</summary>
    public sealed record News(MemberRumor Rumor) : ViewChange;

    /// <summary>A node is there that was not: it is to be probed.</summary>
    public sealed record Met(RpcAddress Address) : ViewChange;

    /// <summary>A node lives that was held for dead.</summary>
    /// <param name="Death">What was held of it.</param>
    public sealed record Revived(MemberEntry Death) : ViewChange;

    /// <summary>This node is suspected or held for dead by others.</summary>
    public sealed record Accused : ViewChange;

    /// <summary>Most others held this node for dead, and it held them for dead: what it said of their deaths is void.</summary>
    public sealed record CutOff : ViewChange;
}
