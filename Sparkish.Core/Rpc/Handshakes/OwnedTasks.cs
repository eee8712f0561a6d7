using Microsoft.Extensions.Logging;

namespace Sparkish.Rpc.Handshakes;

/// <summary>The loops of a node: tracked while they run, awaited at its end, their failures logged. Thread-safe.</summary>
/// <param name="owner">The node's name, for the log.</param>
/// <param name="log">Logs the failures.</param>
/// <param name="start">Starts a loop: on the pool unless given, at once in simulation.</param>
/// <param name="completions">Creates awaited completions.</param>
internal sealed class OwnedTasks(
    string owner, ILogger log, Action<Func<Task>>? start = null, TaskCreationOptions completions = TaskCreationOptions.RunContinuationsAsynchronously)
{
    private readonly Action<Func<Task>> _start = start ?? (static loop => _ = Task.Run(loop)); // it reports its own failure
    private readonly Lock _lock = new();
    private int _running;
    private TaskCompletionSource<bool>? _ended;

    /// <summary>A completion whose continuations run where the loops do.</summary>
    public TaskCompletionSource<bool> NewCompletion() => new(completions);

    /// <summary>Starts a loop. It outlives its starter and may run handlers, so it does not get the starter's execution context.</summary>
    public void Run(Func<Task> loop)
    {
        lock (_lock) _running++;
        using (ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow()) _start(() => RunToEndAsync(loop));
    }

    /// <summary>Waits for all loops, including those that start meanwhile. Called once.</summary>
    public Task WhenAllAsync()
    {
        lock (_lock)
        {
            if (_running == 0) return Task.CompletedTask;
            _ended = NewCompletion();
            return _ended.Task;
        }
    }

    private async Task RunToEndAsync(Func<Task> loop)
    {
        try
        {
            await loop().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            log.BackgroundTaskFailed(error, owner);
        }

        TaskCompletionSource<bool>? ended;
        lock (_lock) ended = --_running == 0 ? _ended : null;
        ended?.TrySetResult(true);
    }
}
