using System.Diagnostics;

namespace Sparkish.Rpc.Local;

/// <summary>
/// Spans of the activity source <c>Sparkish.Rpc</c>: one for each message, from the begin of its handler to its end, below what was the sender's current
/// activity. Nothing is measured or carried unless somebody listens.
/// </summary>
internal static class RpcTracing
{
    public const string Name = "Sparkish.Rpc";

    private static readonly ActivitySource Source = new(Name, typeof(RpcTracing).Assembly.GetName().Version?.ToString(3));

    /// <summary>Whether somebody listens.</summary>
    public static bool IsOn => Source.HasListeners();

    /// <summary>The context of what the caller does now, if it has the W3C's form; for those who know that somebody listens.</summary>
    public static ActivityContext Current => Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current.Context : default;

    /// <summary>An entry that opens a span around another one; that one itself for the framework's own endpoints.</summary>
    /// <param name="receiver">The endpoint.</param>
    /// <param name="envelope">The entry.</param>
    /// <param name="message">What it holds.</param>
    /// <param name="parent">What the sender did.</param>
    public static Envelope Wrap(LocalEndpointRef receiver, Envelope envelope, object message, in ActivityContext parent) =>
        SystemEndpoints.Contains(receiver.Name) ? envelope : new TracedEnvelope(receiver, envelope, message.GetType(), parent);

    /// <summary>The same below what the caller does now.</summary>
    public static Envelope Wrap(LocalEndpointRef receiver, Envelope envelope, object message) => Wrap(receiver, envelope, message, Current);

    /// <summary>Starts the span of a message.</summary>
    public static Activity? Start(LocalEndpointRef receiver, Type message, bool isAsk, in ActivityContext parent)
    {
        var activity = isAsk
            ? Source.StartActivity($"{receiver.Name}/{message.Name}", ActivityKind.Server, parent)
            : Source.StartActivity($"process {receiver.Name}", ActivityKind.Consumer, parent);
        if (activity is not { IsAllDataRequested: true }) return activity;
        if (isAsk)
        {
            activity.SetTag("rpc.system", "sparkish").SetTag("rpc.service", receiver.Name).SetTag("rpc.method", message.Name);
        }
        else
        {
            activity.SetTag("messaging.system", "sparkish").SetTag("messaging.operation.type", "process")
                .SetTag("messaging.destination.name", receiver.Name).SetTag("sparkish.rpc.message.type", message.Name);
        }

        return activity.SetTag("sparkish.rpc.env", receiver.Env.Name);
    }
}
