using Microsoft.Extensions.Logging;

namespace Sparkish.Cli;

/// <summary>The log output of commands that end by themselves: warnings and errors in one line each, like all that the program says.</summary>
internal sealed class WarningLines : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) CliErrors.Say(formatter(state, exception));
    }

    public void Dispose() { }
}
