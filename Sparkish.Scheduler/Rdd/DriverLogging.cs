using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Sparkish;

/// <summary>The logging of a driver that brings none: warnings and errors, a line each, on standard error.</summary>
internal static class DriverLogging
{
    public static ILoggerFactory CreateFactory() => LoggerFactory.Create(static builder => builder
        .SetMinimumLevel(LogLevel.Warning)
        .AddFilter("Sparkish.Rpc", LogLevel.Error) // what messages are lost with, the driver's endpoints tell in words of the job
        .AddSimpleConsole(static console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yy/MM/dd HH:mm:ss ";
        })
        .Services.Configure<ConsoleLoggerOptions>(static console => console.LogToStandardErrorThreshold = LogLevel.Trace));
}
