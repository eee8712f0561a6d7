using System.Diagnostics;
using Akka.Actor;
using Akka.Remote;
using Microsoft.Extensions.Logging;
using Sparkish.Membership;
using Sparkish.Membership.Nodes;
using Cluster = Akka.Cluster.Cluster;
using ClusterEvent = Akka.Cluster.ClusterEvent;
using ClusterNode = Akka.Cluster.Member;
using ClusterStatus = Akka.Cluster.MemberStatus;
using UniqueAddress = Akka.Cluster.UniqueAddress;

namespace Sparkish.Akka.Membership;

/// <summary>
/// Reports the nodes of a cluster to one env. The cluster says which nodes there are and how they are; the actors at <c>/user/sparkish-membership</c> of the
/// nodes tell each other which env each has, and with which roles and metadata.
/// </summary>
internal sealed class MembershipActor : UntypedActor, IWithTimers
{
    /// <summary>Its name on every node.</summary>
    public const string ActorName = "sparkish-membership";

    private const int MostRefusalsLogged = 32;
    private static readonly TimeSpan RepeatInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>How long members of the cluster before may take to come up in this one.</summary>
    private static readonly TimeSpan MissingTime = TimeSpan.FromSeconds(15);

    private readonly MembershipActorOptions _options;
    private readonly Cluster _cluster;
    private readonly ClusterPeers _peers;
    private readonly HashSet<UniqueAddress> _refused = [];
    private Member _self;
    private long _sequence = Stopwatch.GetTimestamp();
    private TaskCompletionSource? _left;
    private bool _hasEnded;

    public MembershipActor(MembershipActorOptions options)
    {
        (_options, _self, _cluster) = (options, options.Self(), Cluster.Get(Context.System));
        _peers = new ClusterPeers(_self, options.Missing);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        _cluster.Subscribe(
            Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
            typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.ReachabilityEvent), typeof(ClusterEvent.ClusterShuttingDown));
        Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
        Timers.StartPeriodicTimer(nameof(Repeat), Repeat.Instance, RepeatInterval);
        Timers.StartSingleTimer(nameof(MissingTimedOut), MissingTimedOut.Instance, MissingTime);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ClusterEvent.ClusterShuttingDown: OnEnded("Akka.Cluster shut down on this node"); break;
            case ClusterEvent.IMemberEvent m when m.Member.UniqueAddress.Equals(_cluster.SelfUniqueAddress): OnOwnEvent(m); break;
            case ClusterEvent.IMemberEvent m when m.Member.HasRole(AkkaMembershipProvider.Role): OnMemberEvent(m); break;
            case ClusterEvent.UnreachableMember m when IsPeer(m.Member): Report(_peers.Unreachable(m.Member.UniqueAddress)); break;
            case ClusterEvent.ReachableMember m when IsPeer(m.Member): OnReachable(m.Member.UniqueAddress); break;
            case ClusterEvent.IClusterDomainEvent: break;
            case ThisActorSystemQuarantinedEvent m: OnQuarantined(m); break;
            case Introduction m: OnIntroduction(m); break;
            case Farewell m: OnFarewell(m); break;
            case Confirmation m: OnConfirmation(m); break;
            case Update m: OnUpdate(m); break;
            case Leave m: OnLeave(m); break;
            case Repeat: TellUnconfirmed(); break;
            case MissingTimedOut: Report(_peers.GiveUp()); break;
            default: Unhandled(message); break;
        }
    }

    protected override void PostStop()
    {
        Context.System.EventStream.Unsubscribe(Self);
        _cluster.Unsubscribe(Self);
        OnEnded("its actor system was terminated");
    }

    private bool IsPeer(ClusterNode node) => node.HasRole(AkkaMembershipProvider.Role) && !node.UniqueAddress.Equals(_cluster.SelfUniqueAddress);

    private void OnOwnEvent(ClusterEvent.IMemberEvent message)
    {
        switch (message)
        {
            case ClusterEvent.MemberUp or ClusterEvent.MemberWeaklyUp: OnUp(); break;
            case ClusterEvent.MemberDowned: OnEnded("Akka.Cluster downed this node"); break;
            case ClusterEvent.MemberRemoved: OnEnded("Akka.Cluster removed this node"); break;
        }
    }

    private void OnUp()
    {
        if (_left is not null) return;
        _options.Observer.Report(new MemberUp(_self));
        _options.Observer.OnJoined();
    }

    private void OnMemberEvent(ClusterEvent.IMemberEvent message)
    {
        var node = message.Member.UniqueAddress;
        Report(message switch
        {
            ClusterEvent.MemberJoined => _peers.Joined(node),
            ClusterEvent.MemberUp or ClusterEvent.MemberWeaklyUp => _peers.Up(node),
            ClusterEvent.MemberExited => _peers.Exited(node),
            ClusterEvent.MemberDowned => _peers.Downed(node),
            ClusterEvent.MemberRemoved m => _peers.Removed(node, m.PreviousStatus == ClusterStatus.Down),
            _ => [],
        });
        if (_peers.All.TryGetValue(node, out var peer)) Tell(node, peer);
    }

    private void OnReachable(UniqueAddress node)
    {
        Report(_peers.Reachable(node));
        if (_peers.All.TryGetValue(node, out var peer)) Tell(node, peer);
    }

    /// <summary>The cluster has removed this node without its noticing: it stood still, or was cut off.</summary>
    private void OnQuarantined(ThisActorSystemQuarantinedEvent message)
    {
        if (_cluster.State.Members.Any(node => node.Address == message.RemoteAddress))
            OnEnded($"{message.RemoteAddress} has quarantined this node");
    }

    private void OnIntroduction(Introduction message)
    {
        var node = new UniqueAddress(Sender.Path.Address, message.Uid);
        if (!_peers.All.TryGetValue(node, out var peer)) return; // it repeats until this node knows it, too
        if (ProblemOf(message.Member) is { } problem)
        {
            if (_refused.Count < MostRefusalsLogged && _refused.Add(node)) _options.Log.IntroductionRefused(node.Address.ToString(), problem);
            return;
        }

        Report(_peers.Introduced(node, message.Sequence, message.Member));
        Sender.Tell(new Confirmation(_cluster.SelfUniqueAddress.Uid, message.Sequence), Self);
        if (!message.Asks) return;
        peer.Confirmed = -1;
        Tell(node, peer);
    }

    private string? ProblemOf(Member member)
    {
        if (MemberRules.ErrorOf(member) is { } error) return error;
        return member.Address == _self.Address && member.Uid != _self.Uid ? "it claims the address of this node: give each process its own address" : null;
    }

    private void OnFarewell(Farewell message)
    {
        Report(_peers.SaidFarewell(new UniqueAddress(Sender.Path.Address, message.Uid), message.Sequence));
        Sender.Tell(new Confirmation(_cluster.SelfUniqueAddress.Uid, message.Sequence), Self);
    }

    private void OnConfirmation(Confirmation message)
    {
        if (!_peers.All.TryGetValue(new UniqueAddress(Sender.Path.Address, message.Uid), out var peer) || message.Sequence > _sequence) return;
        peer.Confirmed = Math.Max(peer.Confirmed, message.Sequence);
        EndFarewell();
    }

    private void OnUpdate(Update message)
    {
        _self = message.Self;
        _sequence++;
        TellUnconfirmed();
    }

    private void OnLeave(Leave message)
    {
        _left = message.Told;
        _sequence++;
        TellUnconfirmed();
        EndFarewell();
    }

    private void EndFarewell()
    {
        if (_left is not null && _peers.All.Values.All(peer => peer.Confirmed == _sequence || !peer.IsReachable || peer.Member is null)) _left.TrySetResult();
    }

    private void TellUnconfirmed()
    {
        foreach (var (node, peer) in _peers.All) Tell(node, peer);
    }

    private void Tell(UniqueAddress node, ClusterPeer peer)
    {
        var asks = peer is { Member: null, Sequence: < 0 };
        if (!peer.IsReachable || (peer.Confirmed == _sequence && !asks)) return;
        var uid = _cluster.SelfUniqueAddress.Uid;
        MembershipMessage message = _left is null ? new Introduction(uid, _sequence, asks, _self) : new Farewell(uid, _sequence);
        ((ExtendedActorSystem)Context.System).Provider.ResolveActorRef(new RootActorPath(node.Address) / "user" / ActorName).Tell(message, Self);
    }

    /// <summary>
    /// This node is no longer part of the cluster. Akka then calls every other node removed, in any order. They are members still, and through them the next
    /// actor system finds the cluster.
    /// </summary>
    private void OnEnded(string reason)
    {
        if (_hasEnded) return;
        _hasEnded = true;
        _options.Ended(reason, _peers.Members);
    }

    private void Report(IReadOnlyList<MemberEvent> changes)
    {
        if (changes.Count > 0 && !_hasEnded) _options.Observer.Report([.. changes]);
    }

    /// <summary>Sent by the session: this node's env has other metadata.</summary>
    internal sealed record Update(Member Self);

    /// <summary>Sent by the session: this node's env leaves.</summary>
    /// <param name="Told">Completes when the others have confirmed it.</param>
    internal sealed record Leave(TaskCompletionSource Told);

    /// <summary>It is time to say again what was not confirmed.</summary>
    private sealed class Repeat
    {
        public static readonly Repeat Instance = new();
    }

    /// <summary>Members of the cluster before have not come up in time.</summary>
    private sealed class MissingTimedOut
    {
        public static readonly MissingTimedOut Instance = new();
    }
}

/// <summary>What a <see cref="MembershipActor"/> starts with, and whom it reports to.</summary>
/// <param name="Self">Gives this node's env as a member, with its metadata of the moment.</param>
/// <param name="Missing">Members of the cluster before, which this node was removed from.</param>
/// <param name="Observer">Is told of changes.</param>
/// <param name="Ended">Is told that this node is no longer part of the cluster, with the reason and the members until then; once.</param>
/// <param name="Log">The log of membership.</param>
internal sealed record MembershipActorOptions(
    Func<Member> Self, IReadOnlyList<Member> Missing, IMembershipObserver Observer, Action<string, IReadOnlyList<Member>> Ended, ILogger Log);
