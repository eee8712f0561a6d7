using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Sparkish;

/// <summary>The default logging of a driver: warnings and errors, one line each, on standard error.</summary>
internal static class DriverLogging
{
    public static ILoggerFactory CreateFactory() => LoggerFactory.Create(static builder => builder
        .SetMinimumLevel(LogLevel.Warning)
        .AddFilter("Sparkish.Rpc", LogLevel.Error) // the driver's endpoints report lost messages in terms of the job
        .AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yy/MM/dd HH:mm:ss ";
        })
        .Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace));
}
