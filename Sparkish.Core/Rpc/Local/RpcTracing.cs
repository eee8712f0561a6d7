using System.Diagnostics;

namespace Sparkish.Rpc.Local;

/// <summary>
/// Spans of the activity source <c>Sparkish.Rpc</c>: one per message, from the start of its handler to its end, as a child of the sender's activity. Nothing is
/// measured or sent unless a listener is registered.
/// </summary>
internal static class RpcTracing
{
    public const string Name = "Sparkish.Rpc";

    private static readonly ActivitySource Source = new(Name, typeof(RpcTracing).Assembly.GetName().Version?.ToString(3));

    /// <summary>Whether there is a listener.</summary>
    public static bool IsOn => Source.HasListeners();

    /// <summary>The trace context of the current activity, if it has the W3C format; call only if there is a listener.</summary>
    public static ActivityContext Current => Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current.Context : default;

    /// <summary>Wraps an entry in one that opens a span; endpoints of the framework get the entry itself.</summary>
    /// <param name="receiver">The endpoint.</param>
    /// <param name="envelope">The entry.</param>
    /// <param name="message">The message in the entry.</param>
    /// <param name="parent">The sender's activity.</param>
    public static Envelope Wrap(LocalEndpointRef receiver, Envelope envelope, object message, in ActivityContext parent) =>
        SystemEndpoints.Contains(receiver.Name) ? envelope : new TracedEnvelope(receiver, envelope, message.GetType(), parent);

    /// <summary>Does the same for the current activity of the caller.</summary>
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
