using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>The effects of a protocol step for its driver, in this order.</summary>
internal sealed class SwimEffects
{
    public List<(RpcAddress To, IToMembership Message)> Sends { get; } = [];

    public List<MemberEvent> Events { get; } = [];

    /// <summary>Other processes that claim this node's address.</summary>
    public List<Member> Rivals { get; } = [];

    public void Send(RpcAddress to, IToMembership message) => Sends.Add((to, message));

    public void Raise(MemberEvent change) => Events.Add(change);

    public void Clear()
    {
        Sends.Clear();
        Events.Clear();
        Rivals.Clear();
    }
}
