using System.Globalization;
using Microsoft.Extensions.Logging;
using Sparkish.Diagnostics;

namespace Sparkish.Cli;

/// <summary>The log output of executors: one line per event like Spark's, on standard error, without the startup cost of a logging framework.</summary>
internal sealed class LineLoggerProvider(TimeProvider time) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new LineLogger(categoryName[(categoryName.LastIndexOf('.') + 1)..], time);

    public void Dispose() { }

    private sealed class LineLogger(string category, TimeProvider time) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Information and < LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            var level = logLevel switch { LogLevel.Information => "INFO", LogLevel.Warning => "WARN", _ => "ERROR" };
            var line = string.Create(CultureInfo.InvariantCulture,
                $"{time.GetLocalNow():yy/MM/dd HH:mm:ss} {level} {category}: {LogText.Escape(formatter(state, exception))}");
            Console.Error.WriteLine(exception is null ? line : $"{line}{Environment.NewLine}    {LogText.EscapeLines(ExceptionText.Of(exception))}");
        }
    }
}
