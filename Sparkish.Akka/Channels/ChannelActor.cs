using Akka.Actor;
using Akka.Remote;

namespace Sparkish.Akka.Channels;

/// <summary>One end of a channel: takes what the other end says and what Akka.Remote says of the way between. Its name cannot be guessed.</summary>
internal sealed class ChannelActor(AkkaChannel channel) : UntypedActor, IWithTimers
{
    // Akka.Remote drops messages to an address for 100 ms (retry-gate-closed-for) after an association has ended.
    private static readonly TimeSpan GateTime = TimeSpan.FromMilliseconds(120);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private ChannelRef? _ref;

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe(Self, typeof(AssociationEvent));
        Context.System.EventStream.Subscribe(Self, typeof(QuarantinedEvent));
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, Interval);
        channel.Start(channel.IsRemote ? Register() : Self);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ChannelMessage m: channel.Take(m, Sender); break;
            case Tick: channel.Tick(); break;
            case DisassociatedEvent m: OnDisassociated(m); break;
            case GateReopened: channel.Probe(); break;
            case AssociationErrorEvent { IsInbound: false } m: channel.OnUnreachable(m.RemoteAddress, m.Cause?.Message ?? "no reason is known"); break;
            case QuarantinedEvent m: channel.OnUnreachable(m.Address, "it is quarantined until its process starts again"); break;
            case AssociationEvent: break;
            default: Unhandled(message); break;
        }

        if (channel.IsOver) Context.Stop(Self);
    }

    protected override void PostStop()
    {
        _ref?.Provider.UnregisterTempActor(_ref.Path);
        Context.System.EventStream.Unsubscribe(Self);
        channel.Break();
    }

    private ChannelRef Register()
    {
        var provider = ((ExtendedActorSystem)Context.System).Provider;
        _ref = new ChannelRef(channel, Self, provider.TempContainer.Path / Self.Path.Name, provider);
        provider.RegisterTempActor(_ref, _ref.Path);
        return _ref;
    }

    /// <summary>The channel asks at once and when messages get through again: a peer that was killed is then known to be gone.</summary>
    private void OnDisassociated(DisassociatedEvent message)
    {
        if (channel.OnDisassociated(message.RemoteAddress)) Timers.StartSingleTimer(nameof(GateReopened), GateReopened.Instance, GateTime);
    }

    private sealed class GateReopened
    {
        public static readonly GateReopened Instance = new();
    }

    /// <summary>Half a second has passed, or the channel is over.</summary>
    internal sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
