using Sparkish.Rpc;

namespace Sparkish.Membership.Nodes;

/// <content>Who is told of changes.</content>
internal sealed partial class MembershipEndpoint
{
    private readonly HashSet<RpcEndpointRef> _subscribers = [];

    private void OnSubscribe(RpcEndpointRef subscriber)
    {
        if (!_subscribers.Add(subscriber)) return;
        Watch(subscriber);
        subscriber.Send(view.Current);
    }

    private void OnUnsubscribe(RpcEndpointRef subscriber)
    {
        if (_subscribers.Remove(subscriber)) Unwatch(subscriber);
    }

    /// <summary>Publishes the state of a step, and then tells of each change: who hears of one finds it in <see cref="ClusterMembership.Current"/>.</summary>
    private void Tell()
    {
        if (_effects.Events.Count == 0) return;
        var first = _version + 1;
        _version += _effects.Events.Count;
        view.Publish(_swim, _version);
        for (var i = 0; i < _effects.Events.Count; i++)
        {
            var change = _effects.Events[i] with { Version = first + i };
            Log(change);
            foreach (var subscriber in _subscribers) subscriber.Send(change);
        }
    }

    private void Log(MemberEvent change)
    {
        switch (change)
        {
            case MemberUp m: _log.Up(m.Member, m.Member.Roles.Count == 0 ? "no roles" : string.Join(", ", m.Member.Roles)); break;
            case MemberSuspected m: _log.Suspected(m.Member, m.By, m.Reason); break;
            case MemberDown m when m.Member == self: _log.TakenForDead(m.Member, m.Reason); break;
            case MemberDown m: _log.Down(m.Member, m.Reason); break;
            case MemberLeft m: _log.Left(m.Member); break;
            default: throw new InvalidOperationException($"{change.GetType().Name} is no event of membership.");
        }
    }
}
