using Akka.Actor;

namespace Sparkish.Akka.Persistence.Plugins;

/// <summary>One request to a plugin, as a persistent actor makes it, and the replies to it. Ends with the last reply, or after a silence.</summary>
/// <param name="plugin">The plugin's actor.</param>
/// <param name="request">Makes the request with the receiver of the replies.</param>
/// <param name="onReply">Takes a reply; returns whether it was the last.</param>
/// <param name="done">Completes with the last reply; fails with what <paramref name="onReply"/> throws.</param>
/// <param name="silence">Longest silence of the plugin.</param>
internal sealed class PluginCall(IActorRef plugin, Func<IActorRef, object> request, Func<object, bool> onReply, TaskCompletionSource done, TimeSpan silence)
    : UntypedActor
{
    protected override void PreStart()
    {
        Context.SetReceiveTimeout(silence);
        plugin.Tell(request(Self), Self);
    }

    protected override void OnReceive(object message)
    {
        if (message is ReceiveTimeout) End(new TimeoutException($"the plugin did not answer within {silence.TotalSeconds:0.###} s"));
        else TakeReply(message);
    }

    protected override void PostStop() => done.TrySetException(new OperationCanceledException("the actor system has stopped"));

    private void TakeReply(object message)
    {
        try
        {
            if (!onReply(message)) return;
            done.TrySetResult();
            Context.Stop(Self);
        }
        catch (Exception error)
        {
            End(error);
        }
    }

    private void End(Exception error)
    {
        done.TrySetException(error);
        Context.Stop(Self);
    }
}
