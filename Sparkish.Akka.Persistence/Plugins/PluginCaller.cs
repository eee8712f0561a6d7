using Akka.Actor;
using Sparkish.Configuration;
using Sparkish.Diagnostics;
using Sparkish.Persistence;

namespace Sparkish.Akka.Persistence.Plugins;

/// <summary>Calls one plugin, and describes its failures.</summary>
/// <param name="system">The actor system of the plugin.</param>
/// <param name="plugin">The plugin's actor.</param>
/// <param name="title">The plugin, for people.</param>
/// <param name="silence">Longest silence of the plugin.</param>
internal sealed class PluginCaller(ActorSystem system, IActorRef plugin, string title, TimeSpan silence)
{
    public string Title => title;

    /// <summary>Makes a request and waits for the last reply.</summary>
    /// <param name="action">The action, for people: <c>read 'sparkish/journal/master'</c>.</param>
    /// <param name="request">Makes the request with the receiver of the replies.</param>
    /// <param name="onReply">Takes a reply, and returns whether it was the last. What it throws is the failure.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="JournalException">The plugin failed or is silent, or the actor system has stopped.</exception>
    public async Task CallAsync(string action, Func<IActorRef, object> request, Func<object, bool> onReply, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            system.ActorOf(Props.Create(() => new PluginCall(plugin, request, onReply, done, silence)));
            await done.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not JournalException && !cancellationToken.IsCancellationRequested)
        {
            throw new JournalException($"Cannot {action} by {title}: {ReasonOf(error)}. Check the store and the plugin's settings.", error);
        }
    }

    /// <summary>A failure in words, without passwords.</summary>
    public static string ReasonOf(Exception error)
    {
        var cause = error is AggregateException { InnerExceptions: [var only] } ? only : error;
        return Redaction.OfText(ExceptionText.MessageOf(cause)).TrimEnd('.', ' ', '\n', '\r');
    }
}
