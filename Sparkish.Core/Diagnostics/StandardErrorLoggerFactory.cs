using Microsoft.Extensions.Logging;

namespace Sparkish.Diagnostics;

/// <summary>The default loggers of an env: warnings and errors go to standard error, so that a failing handler is noticed.</summary>
internal sealed class StandardErrorLoggerFactory : ILoggerFactory
{
    public static StandardErrorLoggerFactory Instance { get; } = new();

    public ILogger CreateLogger(string categoryName) => new StandardErrorLogger(categoryName);

    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("These loggers write to standard error only: give the env your own LoggerFactory.");

    public void Dispose()
    {
        // Nothing is stored.
    }
}

/// <summary>Writes warnings and errors to standard error. It never throws.</summary>
internal sealed class StandardErrorLogger(string category) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is LogLevel.Warning or LogLevel.Error or LogLevel.Critical;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) LastResort.Write($"{logLevel}: {category}[{eventId.Id}]: {Format(state, exception, formatter)}", exception);
    }

    private static string Format<TState>(TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            return formatter(state, exception);
        }
        catch (Exception error)
        {
            return $"({state?.GetType()} failed to describe itself: {error.GetType()})";
        }
    }
}
