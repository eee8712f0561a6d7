using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Sparkish.Membership.Protocol;
using Sparkish.Rpc;

namespace Sparkish.Membership.Nodes;

/// <summary>
/// Drives the protocol of one node: each message, timer and end of a connection is one step of it, whose effects are then carried out here. It has its own
/// thread, so that handlers of others do not delay it.
/// </summary>
internal sealed partial class SwimEndpoint(SwimOptions options, Member self, IMembershipObserver observer, RpcEndpointRef hearing) : IsolatedRpcEndpoint
{
    /// <summary>The name by which the nodes of a group know it.</summary>
    public const string EndpointName = "membership";

    private readonly SwimEffects _effects = new();
    private ILogger _log = null!;
    private Swim _swim = null!;
    private long _start;
    private IDisposable? _timer;
    private TimeSpan _plannedFor = TimeSpan.MaxValue;

    /// <summary>The time of the protocol: since the start of this endpoint.</summary>
    private TimeSpan Now => Env.Time.GetElapsedTime(_start);

    public override void OnStart()
    {
        _log = Env.LoggerFactory.CreateLogger("Sparkish.Membership");
        _start = Env.Time.GetTimestamp();

        // A later start has a later time. If the clock was set back, this node overrides the others' memory of its address when it hears of it.
        var incarnation = Env.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var random = (ulong)Env.NewRandom().NextInt64();
        Step((_, now) => Swim.Start(options, self, incarnation, random, now, _effects));
    }

    public override void Receive(object message)
    {
        switch (message)
        {
            case Ack m when _farewell is not null: OnFarewellHeard(m); break;
            case IToMembership m: OnProtocolMessage(m); break;
            case WakeUp: OnWakeUp(); break;
            case HearingTested: OnHearingTested(); break;
            case FarewellTimedOut: EndFarewell(); break;
            default: base.Receive(message); break;
        }
    }

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case UpdateMetadata m: OnUpdateMetadata(m, call); break;
            case LeaveGroup: OnLeaveGroup(call); break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }

    public override void OnDisconnected(RpcAddress remote) => Step((swim, now) => swim.OnDisconnected(remote, now, _effects));

    public override void OnNetworkError(Exception error, RpcAddress remote)
    {
        if (error is RpcConnectionException { IsSelf: true })
        {
            OnOwnName(remote);
            return;
        }

        // A missing reply in time is weaker evidence than the silence that the protocol itself measures.
        if (error is RpcConnectionException { IsRefused: true }) Step((swim, now) => swim.OnRefused(remote, now, _effects));
    }

    public override ErrorDirective OnError(Exception error)
    {
        // After any failure the failure detector must neither stop nor spin.
        _effects.Clear();
        Replan(Now + options.ProbeInterval);
        return base.OnError(error);
    }

    public override void OnStop()
    {
        _timer?.Dispose();
        if (_farewell is null && _swim is not null)
        {
            // The env stops, and its subscribers with it: only the other nodes are notified.
            _swim = _swim.Leave(_effects);
            _effects.Events.Clear();
            Carry();
        }

        EndFarewell();
    }

    private void OnProtocolMessage(IToMembership message)
    {
        if (MemberRules.ErrorOf(message) is { } error)
        {
            _log.MessageRefused(message.GetType().Name, error);
            return;
        }

        if (!IsForThisNode(message)) return;
        Step((swim, now) => swim.Receive(message, now, _effects));
        if (_swim.View.HasYielded) EndFarewell();
    }

    private void OnWakeUp()
    {
        _plannedFor = TimeSpan.MaxValue;
        if (HearsNothing())
        {
            Step((swim, _) => swim.SpeakUp(_effects));
            Replan(Now + options.ProbeInterval);
            return;
        }

        Step((swim, now) => swim.Advance(now, _effects));
    }

    private void OnUpdateMetadata(UpdateMetadata message, RpcCallContext call)
    {
        Step((swim, _) => swim.Update(message.Metadata, _effects));
        call.Reply(true);
    }

    /// <summary>One step: decide, then report and send.</summary>
    private void Step(Func<Swim, TimeSpan, Swim> decide)
    {
        _swim = decide(_swim, Now);
        Carry();
        Plan(_swim.Due);
    }

    private void Carry()
    {
        foreach (var rival in _effects.Rivals) _log.AddressClaimed(rival, rival.Uid, self.Address, self.Uid);
        if (_effects.Events.Count > 0) observer.Report(CollectionsMarshal.AsSpan(_effects.Events));
        foreach (var (to, message) in _effects.Sends) Send(to, message);
        _effects.Clear();
    }

    private void Send(RpcAddress to, IToMembership message)
    {
        try
        {
            Env.RefTo(new RpcEndpointAddress(to, Self.Name)).Send((MembershipMessage)message with { Label = _swim.LabelFor(to) });
        }
        catch (SparkException error)
        {
            _log.SendFailed(error, message.GetType().Name, to); // to the others it is sent all the same
        }
    }

    /// <summary>Ensures that a step is made when one is due. An earlier timer is kept: its step then does nothing but this.</summary>
    private void Plan(TimeSpan due)
    {
        if (due < _plannedFor) Replan(due);
    }

    private void Replan(TimeSpan due)
    {
        _timer?.Dispose();
        _plannedFor = due;

        // Timers count milliseconds and drop fractions: rounded up, so that they are never early.
        var delay = TimeSpan.FromMilliseconds(Math.Max(0, Math.Ceiling((due - Now).TotalMilliseconds)));
        _timer = Env.ScheduleOnce(delay, Self, new WakeUp());
    }

    /// <summary>A step of the protocol is due.</summary>
    private sealed record WakeUp;
}

// From the session to the endpoint of its own env; they have no number, so no peer can send them.

/// <summary>Asks to change this node's metadata; answered by true.</summary>
internal sealed record UpdateMetadata(IReadOnlyDictionary<string, string> Metadata);

/// <summary>Asks to announce this node's departure; answered by true when it was confirmed, or after a moment.</summary>
internal sealed record LeaveGroup;
