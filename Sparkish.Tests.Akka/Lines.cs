using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sparkish.Tests.Akka;

/// <summary>Keeps what an env logs.</summary>
internal sealed class Lines : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _awaited = new(StringComparer.Ordinal);

    /// <summary>Completes when a line with a text was logged.</summary>
    public Task WhenLoggedAsync(string text)
    {
        var logged = _awaited.GetOrAdd(text, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (_lines.Any(line => line.Contains(text, StringComparison.Ordinal))) logged.TrySetResult();
        return logged.Task;
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("This log is for one test only.");

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = formatter(state, exception);
        _lines.Enqueue(line);
        foreach (var (text, logged) in _awaited)
        {
            if (line.Contains(text, StringComparison.Ordinal)) logged.TrySetResult();
        }
    }

    public void Dispose()
    {
        // Nothing is kept.
    }
}
