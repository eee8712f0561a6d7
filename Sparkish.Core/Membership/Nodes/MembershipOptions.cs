using Sparkish.Rpc;

namespace Sparkish.Membership.Nodes;

/// <summary>The metadata of a node, and the seeds through which it joins. Everything else is a setting, keys <c>spark.membership.*</c>.</summary>
public sealed record MembershipOptions
{
    /// <summary>The roles of the node, such as <c>worker</c>; fixed as long as it is a member.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>
    /// Further properties of the node, such as its application's id, its cores or further addresses. Every rumor about the node carries them: keep them short.
    /// </summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// Nodes to join through, besides those of <c>spark.membership.seeds</c>; one reachable node is enough, and the node itself may be among them.
    /// </summary>
    public IReadOnlyList<RpcAddress> Seeds { get; init; } = [];
}
