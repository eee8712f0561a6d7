using Sparkish.Rpc;

namespace Sparkish.Membership.Nodes;

/// <summary>What a node tells of itself, and by whom it joins. The rest is settings, keys <c>spark.membership.*</c>.</summary>
public sealed record MembershipOptions
{
    /// <summary>What the node is, such as <c>worker</c>; fixed as long as it is a member.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    /// <summary>
    /// What else it tells of itself, such as its application's id, its cores or further addresses. It travels with news of the node: keep it short.
    /// </summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Nodes to join by, beside those of <c>spark.membership.seeds</c>; one that answers will do, and the node itself may be among them.</summary>
    public IReadOnlyList<RpcAddress> Seeds { get; init; } = [];
}
