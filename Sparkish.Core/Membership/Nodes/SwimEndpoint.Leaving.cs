using Sparkish.Rpc;

namespace Sparkish.Membership.Nodes;

/// <content>Going away: some are told and say that they have heard it; they tell the others.</content>
internal sealed partial class SwimEndpoint
{
    /// <summary>How long is waited for those who were told.</summary>
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(1);

    private readonly List<RpcCallContext> _leaving = [];

    // The words that were not answered yet; null as long as this node stays.
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
        Stop(); // first: who is answered may join again, and needs the names
        observer.OnEnded();
        foreach (var call in _leaving) call.Reply(true);
        _leaving.Clear();
    }

    /// <summary>Those who were told have not all answered.</summary>
    private sealed record FarewellTimedOut;
}
