using Microsoft.Extensions.Logging;

namespace Sparkish.Events;

internal static partial class EventsLog
{
    [LoggerMessage(2501, LogLevel.Warning,
        "The queue of the listener bus is full: events are dropped, and pages and progress bars may lag. Raise spark.scheduler.listenerbus.eventqueue.capacity if it lasts")]
    public static partial void EventDropped(this ILogger log);

    [LoggerMessage(2502, LogLevel.Error, "Listener {Listener} failed")]
    public static partial void ListenerFailed(this ILogger log, Exception error, string listener);
}
