using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// An event that occurs once and that several callers may await. Each waiter has its own completion. If one task had several continuations, the runtime would
/// move all but the first to the thread pool, and a simulation would lose its thread. Thread-safe.
/// </summary>
internal sealed class OneShot(NodeRpcEnv env)
{
    private readonly Lock _lock = new();
    private List<TaskCompletionSource<bool>>? _waiters = [];

    /// <summary>Whether it has occurred.</summary>
    public bool IsSet => Volatile.Read(ref _waiters) is null;

    /// <summary>Completes when it happens.</summary>
    public Task WhenSetAsync()
    {
        lock (_lock)
        {
            if (_waiters is null) return Task.CompletedTask;
            var waiter = env.NewCompletion<bool>();
            _waiters.Add(waiter);
            return waiter.Task;
        }
    }

    /// <summary>Completes all waiters; later calls do nothing.</summary>
    public void Set()
    {
        List<TaskCompletionSource<bool>>? waiters;
        lock (_lock)
        {
            waiters = _waiters;
            _waiters = null;
        }

        foreach (var waiter in waiters ?? []) waiter.TrySetResult(true);
    }
}
