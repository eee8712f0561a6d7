using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Sparkish.Rpc.Transport;

/// <summary>The loops of an env: kept while they run, awaited at its end, their failures logged.</summary>
internal sealed class OwnedTasks(string owner, ILogger log)
{
    private readonly ConcurrentDictionary<Task, byte> _running = new();

    /// <summary>Starts a loop on the pool.</summary>
    public void Run(Func<Task> loop)
    {
        var task = Task.Run(loop);
        _running.TryAdd(task, 0);
        _ = task.ContinueWith(Ended, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Waits for all loops, also for those that start meanwhile.</summary>
    public async Task WhenAllAsync()
    {
        while (!_running.IsEmpty)
        {
            foreach (var (task, _) in _running)
            {
                await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                _running.TryRemove(task, out var _);
            }
        }
    }

    private void Ended(Task task)
    {
        if (task.Exception is { } error) log.BackgroundTaskFailed(error.InnerException ?? error, owner);
        _running.TryRemove(task, out _);
    }
}
