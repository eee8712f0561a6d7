using Microsoft.Extensions.Logging;

namespace Sparkish.Persistence.Files;

/// <summary>Log events of file journals.</summary>
internal static partial class FilesLog
{
    [LoggerMessage(1601, LogLevel.Warning,
        "{File} of journal {Journal} ended in an unacknowledged append: truncated {Bytes} bytes at byte {Position}")]
    public static partial void TornTailCut(this ILogger log, string journal, string file, long bytes, long position);

    [LoggerMessage(1602, LogLevel.Warning, "Could not read {File} of journal {Journal}: damage to the last acknowledged events may go unnoticed at this start")]
    public static partial void MarkDamaged(this ILogger log, string journal, string file);

    [LoggerMessage(1603, LogLevel.Warning,
        "Could not truncate {File} of journal {Journal} at byte {Position} after a failed append; the next opening truncates it")]
    public static partial void LeftoverNotCut(this ILogger log, Exception error, string journal, string file, long position);

    [LoggerMessage(1604, LogLevel.Information, "Journal {Journal} was opened under epoch {Epoch} with events up to {LastSequence}")]
    public static partial void Opened(this ILogger log, string journal, long epoch, long lastSequence);

    [LoggerMessage(1605, LogLevel.Error, "Journal {Journal} accepts no more events")]
    public static partial void Ended(this ILogger log, Exception error, string journal);

    [LoggerMessage(1606, LogLevel.Warning, "Journal {Journal} was closed, but its durable length could not be recorded")]
    public static partial void MarkNotSafe(this ILogger log, Exception error, string journal);
}
