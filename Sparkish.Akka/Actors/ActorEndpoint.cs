using Akka.Actor;
using Sparkish.Rpc;

namespace Sparkish.Akka.Actors;

/// <summary>An endpoint that stands for an actor: passes on what it gets, and stops with the actor.</summary>
internal sealed class ActorEndpoint(ActorSystem system, IActorRef actor, TimeSpan answerTime) : RpcEndpoint
{
    private IActorRef _follower = ActorRefs.Nobody;

    public override void OnStart()
    {
        var (env, self) = (Env, Self);
        _follower = system.ActorOf(Props.Create(() => new Follower(actor, () => env.Stop(self))));
    }

    public override void Receive(object message) => actor.Tell(message, ActorRefs.NoSender);

    public override void ReceiveAndReply(object message, RpcCallContext call) => _ = AskAsync(message, call);

    public override void OnStop() => system.Stop(_follower);

    private async Task AskAsync(object message, RpcCallContext call)
    {
        try
        {
            var answer = await actor.Ask<object>(message, answerTime).ConfigureAwait(false);
            if (answer is Status.Failure failure) call.SendFailure(failure.Cause);
            else call.Reply(answer);
        }
        catch (AskTimeoutException error)
        {
            call.SendFailure(error);
        }
        catch (SparkException)
        {
            // The answer may not cross the wire; the asker has been told.
        }
        catch (Exception error)
        {
            call.SendFailure(error);
        }
    }

    /// <summary>Acts when an actor ends.</summary>
    private sealed class Follower(IActorRef followed, Action onEnd) : UntypedActor
    {
        protected override void PreStart() => Context.Watch(followed);

        protected override void OnReceive(object message)
        {
            if (message is not Terminated) return;
            onEnd();
            Context.Stop(Self);
        }
    }
}
