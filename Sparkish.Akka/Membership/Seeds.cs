using Sparkish.Rpc;

namespace Sparkish.Akka.Membership;

/// <summary>The nodes through which an env joins its cluster.</summary>
/// <param name="Group">The name of the group; nodes of another one are not joined.</param>
/// <param name="Given">The seeds of the settings, in their order.</param>
/// <param name="Known">Members of the cluster before, which this node was removed from.</param>
internal sealed record Seeds(string Group, IReadOnlyList<RpcAddress> Given, IReadOnlyList<RpcAddress> Known)
{
    /// <summary>The seed that may begin a cluster; null without seeds.</summary>
    public RpcAddress? First => Given.Count > 0 ? Given[0] : null;

    /// <summary>All nodes to ask.</summary>
    public IEnumerable<RpcAddress> All => Given.Concat(Known).Distinct();

    /// <summary>Whether a node may begin a cluster.</summary>
    public bool IsFirst(RpcAddress node) => First is not { } first || first == node;
}
