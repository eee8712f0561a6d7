using Sparkish.Membership;
using Sparkish.Membership.Nodes;
using Sparkish.Rpc;

namespace Sparkish.Tests.Membership;

/// <summary>The nodes of a group that <see cref="MembershipContract"/> looks at. All have the role <c>worker</c>, and join through the first two.</summary>
internal interface IMemberGroup : IAsyncDisposable
{
    /// <summary>How many.</summary>
    int Size { get; }

    /// <summary>A time after which what should not come has not come.</summary>
    TimeSpan Quiet { get; }

    /// <summary>What subscribers on all nodes were told, in the order of their hearing it.</summary>
    IReadOnlyList<(int Node, MemberEvent Change)> Told { get; }

    /// <summary>The membership of a node, in its present life.</summary>
    ClusterMembership this[int node] { get; }

    /// <summary>Runs a test where memberships may be used.</summary>
    Task RunAsync(Func<Task> body);

    /// <summary>Waits until something is so.</summary>
    Task UntilAsync(Func<bool> condition);

    /// <summary>Kills a node, so that the provider suspects it and then takes it for dead.</summary>
    void Lose(int node);

    /// <summary>Kills a node, and starts another one at its address.</summary>
    void StartAgain(int node);

    /// <summary>Makes an env a member again that has left.</summary>
    void JoinAgain(int node);

    /// <summary>Makes an env that does not listen.</summary>
    RpcEnv NewClient();
}
