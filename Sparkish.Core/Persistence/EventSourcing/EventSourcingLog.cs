using Microsoft.Extensions.Logging;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>What event-sourced endpoints tell operators.</summary>
internal static partial class EventSourcingLog
{
    [LoggerMessage(1451, LogLevel.Information,
        "Endpoint {Endpoint} has recovered from journal '{Journal}': {Events} events behind its snapshot, up to {Sequence}, epoch {Epoch}")]
    public static partial void Recovered(this ILogger log, string endpoint, string journal, long events, long sequence, long epoch);

    [LoggerMessage(1452, LogLevel.Error, "Endpoint {Endpoint} stops: it cannot recover from journal '{Journal}'")]
    public static partial void RecoveryFailed(this ILogger log, Exception error, string endpoint, string journal);

    [LoggerMessage(1453, LogLevel.Error, "Endpoint {Endpoint} stops: it cannot write its events to journal '{Journal}'")]
    public static partial void AppendFailed(this ILogger log, Exception error, string endpoint, string journal);

    [LoggerMessage(1454, LogLevel.Warning,
        "No snapshot of endpoint {Endpoint} was saved in journal '{Journal}', whose events are kept instead; it is tried again after {Events} more events")]
    public static partial void SnapshotFailed(this ILogger log, Exception error, string endpoint, string journal, int events);

    [LoggerMessage(1455, LogLevel.Error, "Endpoint {Endpoint} stops: journal '{Journal}' has another writer now")]
    public static partial void TakenOver(this ILogger log, Exception error, string endpoint, string journal);

    [LoggerMessage(1456, LogLevel.Warning, "Endpoint {Endpoint} waits for journal '{Journal}' and dropped a {Command}: {Waiting} commands wait already")]
    public static partial void CommandDropped(this ILogger log, string endpoint, string journal, string command, int waiting);

    [LoggerMessage(1457, LogLevel.Warning, "Endpoint {Endpoint} waited for journal '{Journal}' and dropped {Count} more commands")]
    public static partial void CommandsDropped(this ILogger log, string endpoint, string journal, long count);

    [LoggerMessage(1458, LogLevel.Debug, "Endpoint {Endpoint} saved a snapshot of event {Sequence} in journal '{Journal}'")]
    public static partial void SnapshotSaved(this ILogger log, string endpoint, string journal, long sequence);

    [LoggerMessage(1459, LogLevel.Warning, "Could not close journal '{Journal}' of endpoint {Endpoint} in order")]
    public static partial void ClosingFailed(this ILogger log, Exception error, string endpoint, string journal);
}
