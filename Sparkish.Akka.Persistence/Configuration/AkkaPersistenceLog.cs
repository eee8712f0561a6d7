using Microsoft.Extensions.Logging;

namespace Sparkish.Akka.Persistence.Configuration;

/// <summary>Log events of journals in Akka.Persistence: 8050 to 8069.</summary>
internal static partial class AkkaPersistenceLog
{
    [LoggerMessage(8050, LogLevel.Information, "Journal {Journal} is open under epoch {Epoch} at event {Sequence}")]
    public static partial void JournalOpened(this ILogger log, string journal, long epoch, long sequence);

    [LoggerMessage(8051, LogLevel.Warning, "Journal {Journal} accepts no more events: {Reason}")]
    public static partial void JournalFailed(this ILogger log, string journal, string reason);

    [LoggerMessage(8052, LogLevel.Warning, "Could not delete earlier snapshots of journal {Journal}: {Reason}")]
    public static partial void SnapshotsKept(this ILogger log, string journal, string reason);

    [LoggerMessage(EventId = 8053, Message = "{Source}: {Text}")]
    public static partial void AkkaLogged(this ILogger log, LogLevel level, Exception? error, string source, string text);
}
