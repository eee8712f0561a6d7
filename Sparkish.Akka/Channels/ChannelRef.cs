using Akka.Actor;

namespace Sparkish.Akka.Channels;

/// <summary>
/// One end of a channel, as the actor system at the other end knows it. Akka.Remote tells it what arrives on the thread that reads: one hand-off less than
/// to an actor, for each message.
/// </summary>
/// <param name="channel">The channel.</param>
/// <param name="owner">The actor of this end.</param>
/// <param name="path">Its path; the name cannot be guessed.</param>
/// <param name="provider">Where it is registered.</param>
internal sealed class ChannelRef(AkkaChannel channel, IActorRef owner, ActorPath path, IActorRefProvider provider) : MinimalActorRef
{
    public override ActorPath Path => path;

    public override IActorRefProvider Provider => provider;

    protected override void TellInternal(object message, IActorRef sender)
    {
        if (message is not ChannelMessage m) return;
        channel.Take(m, sender);
        if (channel.IsOver) owner.Tell(ChannelActor.Tick.Instance, ActorRefs.NoSender);
    }
}
