using Microsoft.Extensions.Logging;

namespace Sparkish.Tests.Rpc.Robustness;

/// <summary>A log in which a test waits for the first line that begins in a certain way.</summary>
internal sealed class AwaitedLine(string beginning) : ILoggerFactory, ILogger
{
    private readonly TaskCompletionSource<string> _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<string> Seen => _seen.Task;

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) { }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = formatter(state, exception);
        if (line.StartsWith(beginning, StringComparison.Ordinal)) _seen.TrySetResult(line);
    }

    public void Dispose() { }
}
