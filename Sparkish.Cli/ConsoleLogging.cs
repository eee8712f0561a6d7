using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Sparkish.Cli;

/// <summary>The log output of daemons: one line per event, on standard error, from level Information.</summary>
internal static class ConsoleLogging
{
    public static ILoggerFactory Create() => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(LogLevel.Information);
        logging.AddConsole(console =>
        {
            console.FormatterName = PlainConsoleFormatter.FormatterName;
            console.LogToStandardErrorThreshold = LogLevel.Trace;
        });
        logging.AddConsoleFormatter<PlainConsoleFormatter, ConsoleFormatterOptions>();
    });
}
