using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Sparkish.Rpc;

namespace Sparkish.Akka.Actors;

/// <summary>
/// An endpoint as actors of this process see it. Messages go through the endpoint's ref; watching and stopping go to the actor behind it, whose path this
/// ref has.
/// </summary>
/// <param name="endpoint">The endpoint.</param>
/// <param name="actor">The actor that lives as long as the endpoint.</param>
/// <param name="stop">Stops the endpoint; what it does where it may not is the caller's.</param>
internal sealed class EndpointActorRef(RpcEndpointRef endpoint, IInternalActorRef actor, Action stop) : InternalActorRefBase
{
    private const string Temporary = "temp";

    public RpcEndpointRef Endpoint => endpoint;

    public override ActorPath Path => actor.Path;

    public override IInternalActorRef Parent => actor.Parent;

    public override IActorRefProvider Provider => actor.Provider;

    public override bool IsLocal => actor.IsLocal;

#pragma warning disable CS0618, CS0672 // what stands for an actor answers as the actor does
    public override bool IsTerminated => actor.IsTerminated;
#pragma warning restore CS0618, CS0672

    public override IActorRef GetChild(IReadOnlyList<string> name) => ActorRefs.Nobody;

    public override void Resume(Exception? causedByFailure = null)
    {
        // The framework supervises endpoints.
    }

    public override void Start()
    {
        // It has.
    }

    public override void Stop() => stop();

    public override void Restart(Exception cause)
    {
        // The framework supervises endpoints.
    }

    public override void Suspend()
    {
        // The framework supervises endpoints.
    }

    public override void SendSystemMessage(ISystemMessage message) => actor.SendSystemMessage(message);

    protected override void TellInternal(object message, IActorRef sender)
    {
        switch (message)
        {
            case null: throw new InvalidMessageException("Message is null.");
            case PoisonPill or Kill: stop(); break;
            case Identify m: sender.Tell(new ActorIdentity(m.MessageId, this), this); break;
            default:
                if (sender?.Path.Elements is [Temporary, ..]) _ = AnswerAsync(message, sender);
                else Send(message, sender);
                break;
        }
    }

    private void Send(object message, IActorRef? sender)
    {
        try
        {
            endpoint.Send(message);
        }
        catch (SparkException)
        {
            // Tell never throws. A message that cannot be sent is a dead letter of the actor system.
            Provider.DeadLetters.Tell(new global::Akka.Event.DeadLetter(message, sender ?? Provider.DeadLetters, this), this);
        }
    }

    private async Task AnswerAsync(object question, IActorRef asker)
    {
        object? answer;
        try
        {
            answer = await endpoint.AskAsync<object?>(question).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            answer = new Status.Failure(error);
        }

        asker.Tell(answer ?? new Status.Success(null), this);
    }
}
