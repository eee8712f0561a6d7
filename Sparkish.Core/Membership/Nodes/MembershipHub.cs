using Microsoft.Extensions.Logging;
using Sparkish.Rpc;

namespace Sparkish.Membership.Nodes;

/// <summary>Notifies the subscribers of an env, and its log, of changes of the group.</summary>
internal sealed class MembershipHub(MemberRegister register) : RpcEndpoint
{
    /// <summary>Its name in every env that is a member.</summary>
    public const string EndpointName = "membership-events";

    private readonly HashSet<RpcEndpointRef> _subscribers = [];
    private MemberList _members = register.Members;
    private ILogger _log = null!;

    public override void OnStart() => _log = Env.LoggerFactory.CreateLogger("Sparkish.Membership");

    public override void Receive(object message)
    {
        switch (message)
        {
            case MembersChanged m: OnMembersChanged(m); break;
            case SubscribeToMembers m: OnSubscribe(m.Subscriber); break;
            case UnsubscribeFromMembers m: OnUnsubscribe(m.Subscriber); break;
            case EndpointTerminated m: _subscribers.Remove(m.Endpoint); break;
            default: base.Receive(message); break;
        }
    }

    public override void OnStop() => register.OnHubStopped();

    private void OnMembersChanged(MembersChanged message)
    {
        _members = message.Members;
        foreach (var change in message.Changes)
        {
            Log(change);
            foreach (var subscriber in _subscribers) subscriber.Send(change);
        }
    }

    // A new subscriber gets the group as of the last change that was passed on, and so misses no change and gets none twice.
    private void OnSubscribe(RpcEndpointRef subscriber)
    {
        if (!_subscribers.Add(subscriber)) return;
        Watch(subscriber);
        subscriber.Send(_members.Snapshot);
    }

    private void OnUnsubscribe(RpcEndpointRef subscriber)
    {
        if (_subscribers.Remove(subscriber)) Unwatch(subscriber);
    }

    private void Log(MemberEvent change)
    {
        switch (change)
        {
            case MemberUp m: _log.Up(m.Member, m.Member.Roles.Count == 0 ? "no roles" : string.Join(", ", m.Member.Roles)); break;
            case MemberSuspected m: _log.Suspected(m.Member, m.By, m.Reason); break;
            case MemberDown m when m.Member == _members.Self: _log.TakenForDead(m.Member, m.Reason); break;
            case MemberDown m: _log.Down(m.Member, m.Reason); break;
            case MemberLeft m: _log.Left(m.Member); break;
            default: throw new InvalidOperationException($"{change.GetType().Name} is not a membership event.");
        }
    }
}

// From ClusterMembership and its register to the hub of the same env; they have no number, so no peer can send them.

/// <summary>Sent for each set of changes that become visible together.</summary>
/// <param name="Changes">The changes, in their order, with versions.</param>
/// <param name="Members">The group after them.</param>
internal sealed record MembersChanged(IReadOnlyList<MemberEvent> Changes, MemberList Members);

/// <summary>Sent to subscribe to changes; answered by a <see cref="MembershipSnapshot"/> and then by each <see cref="MemberEvent"/>.</summary>
internal sealed record SubscribeToMembers(RpcEndpointRef Subscriber);

/// <summary>Cancels a <see cref="SubscribeToMembers"/>.</summary>
internal sealed record UnsubscribeFromMembers(RpcEndpointRef Subscriber);
