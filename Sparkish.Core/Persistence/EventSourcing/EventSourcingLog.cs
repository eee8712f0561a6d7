using Microsoft.Extensions.Logging;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>Log events of event-sourced endpoints.</summary>
internal static partial class EventSourcingLog
{
    [LoggerMessage(1451, LogLevel.Information,
        "Endpoint {Endpoint} recovered from journal '{Journal}': {Events} events after its snapshot, up to {Sequence}, epoch {Epoch}")]
    public static partial void Recovered(this ILogger log, string endpoint, string journal, long events, long sequence, long epoch);

    [LoggerMessage(1452, LogLevel.Error, "Endpoint {Endpoint} stopped: it could not recover from journal '{Journal}'")]
    public static partial void RecoveryFailed(this ILogger log, Exception error, string endpoint, string journal);

    [LoggerMessage(1453, LogLevel.Error, "Endpoint {Endpoint} stopped: it could not write its events to journal '{Journal}'")]
    public static partial void AppendFailed(this ILogger log, Exception error, string endpoint, string journal);

    [LoggerMessage(1454, LogLevel.Warning,
        "Could not save a snapshot of endpoint {Endpoint} in journal '{Journal}'; its events are kept, and the next attempt follows {Events} events later")]
    public static partial void SnapshotFailed(this ILogger log, Exception error, string endpoint, string journal, int events);

    [LoggerMessage(1455, LogLevel.Error, "Endpoint {Endpoint} stopped: journal '{Journal}' has another writer now")]
    public static partial void TakenOver(this ILogger log, Exception error, string endpoint, string journal);

    [LoggerMessage(1456, LogLevel.Warning, "Endpoint {Endpoint} dropped a {Command} while it waits for journal '{Journal}': {Waiting} commands are queued already")]
    public static partial void CommandDropped(this ILogger log, string endpoint, string journal, string command, int waiting);

    [LoggerMessage(1457, LogLevel.Warning, "Endpoint {Endpoint} dropped {Count} more commands while it waited for journal '{Journal}'")]
    public static partial void CommandsDropped(this ILogger log, string endpoint, string journal, long count);

    [LoggerMessage(1458, LogLevel.Debug, "Endpoint {Endpoint} saved a snapshot of event {Sequence} in journal '{Journal}'")]
    public static partial void SnapshotSaved(this ILogger log, string endpoint, string journal, long sequence);

    [LoggerMessage(1459, LogLevel.Warning, "Could not close journal '{Journal}' of endpoint {Endpoint} cleanly")]
    public static partial void ClosingFailed(this ILogger log, Exception error, string endpoint, string journal);
}
