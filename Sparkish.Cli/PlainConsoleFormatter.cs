using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Sparkish.Diagnostics;

namespace Sparkish.Cli;

/// <summary>Formats one line per event, in which text from peers cannot break the line or move the cursor.</summary>
internal sealed class PlainConsoleFormatter() : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "plain";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var level = logEntry.LogLevel switch
        {
            LogLevel.Trace => "trce",
            LogLevel.Debug => "dbug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            LogLevel.Error => "fail",
            _ => "crit",
        };
        var text = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var line = string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"{DateTimeOffset.Now:yyyy-MM-dd HH:mm:ss.fff} {level}: {logEntry.Category}[{logEntry.EventId.Id}] ");
        textWriter.Write(line);
        textWriter.Write(LogText.Escape(text));
        if (logEntry.Exception is { } error)
        {
            textWriter.Write(' ');
            textWriter.Write(LogText.Escape(ExceptionText.Of(error).ReplaceLineEndings(" ")));
        }

        textWriter.WriteLine();
    }
}
