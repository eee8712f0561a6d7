using System.Security.Cryptography;
using Akka.Actor;

namespace Sparkish.Akka.Channels;

/// <summary>Where channels of other nodes arrive and those of this node begin: the parent of one actor for each.</summary>
/// <param name="accept">Takes a channel that was opened to this gate; null where the env does not listen.</param>
internal sealed class GateActor(Action<AkkaChannel>? accept) : UntypedActor
{
    private const int NameBytes = 16;

    private readonly Dictionary<IActorRef, IActorRef> _ends = [];

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case OpenChannel m: OnOpenChannel(m); break;
            case Dial m: Start(m.Channel); break;
            case Terminated m: OnTerminated(m); break;
            default: Unhandled(message); break;
        }
    }

    private void OnOpenChannel(OpenChannel message)
    {
        if (accept is null || Sender.IsNobody()) return;
        if (_ends.TryGetValue(Sender, out var end))
        {
            end.Forward(message); // the answer was lost
            return;
        }

        var channel = AkkaChannel.From(Sender);
        end = Start(channel);
        Context.Watch(end);
        _ends.Add(Sender, end);
        accept(channel);
    }

    private void OnTerminated(Terminated message)
    {
        foreach (var (connecting, end) in _ends)
        {
            if (!end.Equals(message.ActorRef)) continue;
            _ends.Remove(connecting);
            return;
        }
    }

    /// <summary>Starts an end under a name that nobody can guess: who knows it was told by this node.</summary>
    private static IActorRef Start(AkkaChannel channel) =>
        Context.ActorOf(Props.Create(() => new ChannelActor(channel)), Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(NameBytes)));

    /// <summary>Starts the connecting end of a channel.</summary>
    internal sealed record Dial(AkkaChannel Channel);
}
