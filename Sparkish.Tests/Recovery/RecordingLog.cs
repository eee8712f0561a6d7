using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sparkish.Tests.Recovery;

/// <summary>Keeps what is logged, with exceptions in full.</summary>
internal sealed class RecordingLog : ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly List<(string Wanted, TaskCompletionSource Seen)> _waits = [];
    private readonly Lock _lock = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    /// <summary>Completes when a line with a text is there or comes.</summary>
    public Task WhenLoggedAsync(string text)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_lines.Any(line => line.Contains(text, StringComparison.Ordinal))) seen.SetResult();
            else _waits.Add((text, seen));
        }

        return seen.Task;
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = $"{formatter(state, exception)} {exception}";
        lock (_lock)
        {
            _lines.Enqueue(line);
            foreach (var (wanted, seen) in _waits)
            {
                if (line.Contains(wanted, StringComparison.Ordinal)) seen.TrySetResult();
            }
        }
    }
}
