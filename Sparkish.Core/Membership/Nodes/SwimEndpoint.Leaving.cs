using Sparkish.Rpc;

namespace Sparkish.Membership.Nodes;

/// <content>Leaving: some nodes are notified and confirm it; they notify the others.</content>
internal sealed partial class SwimEndpoint
{
    /// <summary>Time to wait for confirmations.</summary>
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(1);

    private readonly List<RpcCallContext> _leaving = [];

    // The unconfirmed notifications; null as long as this node stays.
    private HashSet<(RpcAddress To, long Number)>? _farewell;

    private void OnLeaveGroup(RpcCallContext call)
    {
        _leaving.Add(call);
        if (_farewell is not null) return;
        var farewell = _farewell = [];
        Step((swim, _) =>
        {
            var left = swim.Leave(_effects);
            foreach (var (to, message) in _effects.Sends) farewell.Add((to, ((Ping)message).Number));
            return left;
        });
        if (farewell.Count == 0) EndFarewell();
        else Env.ScheduleOnce(FarewellTime, Self, new FarewellTimedOut());
    }

    private void OnFarewellHeard(Ack message)
    {
        if (_farewell!.Remove((message.From, message.Number)) && _farewell.Count == 0) EndFarewell();
    }

    private void EndFarewell()
    {
        Env.Stop(hearing);
        Stop(); // first: after the reply, the node may join again, and needs the names
        observer.OnEnded();
        foreach (var call in _leaving) call.Reply(true);
        _leaving.Clear();
    }

    /// <summary>Called when not all notified nodes have confirmed in time.</summary>
    private sealed record FarewellTimedOut;
}
