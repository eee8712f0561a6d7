using Microsoft.Extensions.Logging;

namespace Sparkish.Diagnostics;

/// <summary>
/// Creates loggers that never throw into the logging code: if a user's provider throws, or an exception cannot be described, the line goes to standard error
/// instead. The inner factory belongs to its creator.
/// </summary>
internal sealed class GuardedLoggerFactory : ILoggerFactory
{
    private readonly ILoggerFactory _inner;

    private GuardedLoggerFactory(ILoggerFactory inner) => _inner = inner;

    /// <summary>Guards a factory, once.</summary>
    public static ILoggerFactory Over(ILoggerFactory factory) => factory as GuardedLoggerFactory ?? new GuardedLoggerFactory(factory);

    public ILogger CreateLogger(string categoryName)
    {
        try
        {
            return new GuardedLogger(_inner.CreateLogger(categoryName), categoryName);
        }
        catch (Exception error)
        {
            LastResort.Write($"The logger factory could not create a logger for {categoryName}; its entries go to standard error.", error);
            return new StandardErrorLogger(categoryName);
        }
    }

    public void AddProvider(ILoggerProvider provider) => _inner.AddProvider(provider);

    public void Dispose()
    {
        // The factory below belongs to its maker.
    }
}

/// <summary>A logger whose failures go to standard error.</summary>
internal sealed class GuardedLogger(ILogger inner, string category) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull
    {
        try
        {
            return inner.BeginScope(state);
        }
        catch (Exception error)
        {
            Report(error);
            return null;
        }
    }

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return inner.IsEnabled(logLevel);
        }
        catch (Exception error)
        {
            Report(error);
            return true;
        }
    }

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        try
        {
            inner.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception error)
        {
            Report(error);
            new StandardErrorLogger(category).Log(logLevel, eventId, state, exception, formatter);
        }
    }

    private void Report(Exception error) => LastResort.Write($"The logger of {category} failed.", error);
}
