using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Security;

/// <summary>Keeps what an env logs: all lines, and those of warnings in their order.</summary>
internal sealed class RecordedLog : ILoggerFactory, ILogger
{
    private readonly System.Threading.Channels.Channel<string> _warnings = Channel.CreateUnbounded<string>();

    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>The number of warnings and errors so far.</summary>
    public int Warnings => _count;

    private int _count;

    /// <summary>The next warning or error.</summary>
    public async Task<string> NextWarningAsync() => await _warnings.Reader.ReadAsync().AsTask().WaitAsync(Envs.Patience);

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) { }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = formatter(state, exception);
        Lines.Enqueue($"{line} {exception}");
        if (logLevel < LogLevel.Warning) return;
        Interlocked.Increment(ref _count);
        _warnings.Writer.TryWrite(line);
    }

    public void Dispose() { }
}
