using System.Runtime.CompilerServices;
using Sparkish.Rpc;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>
/// Journals of one env that are being closed: an endpoint stops, or is replaced by a fresh instance, before its journal is closed, and who opens it
/// next waits for that. Safe for all threads.
/// </summary>
/// <remarks>Each task here has one awaiter: where there are several, the framework runs some on the thread pool, and a simulation has but one thread.</remarks>
internal sealed class JournalClosings
{
    private static readonly ConditionalWeakTable<RpcEnv, JournalClosings> Known = [];

    private readonly Lock _lock = new();
    private readonly Dictionary<(IJournalStore Store, string Name), Closing> _closings = [];

    public static JournalClosings Of(RpcEnv env) => Known.GetValue(env, static _ => new JournalClosings());

    /// <summary>A journal begins to be closed.</summary>
    public void Begin(IJournalStore store, string name)
    {
        lock (_lock)
        {
            if (!_closings.TryGetValue((store, name), out var closing)) _closings.Add((store, name), closing = new Closing());
            closing.Count++;
        }
    }

    /// <summary>It is closed.</summary>
    public void End(IJournalStore store, string name)
    {
        Closing closing;
        lock (_lock)
        {
            closing = _closings[(store, name)];
            if (--closing.Count > 0) return;
            _closings.Remove((store, name));
        }

        foreach (var waiter in closing.Waiters) waiter.SetResult(true);
    }

    /// <summary>Completes when nothing of this name is being closed.</summary>
    public Task WhenClosedAsync(RpcEnv env, IJournalStore store, string name)
    {
        lock (_lock)
        {
            if (!_closings.TryGetValue((store, name), out var closing)) return Task.CompletedTask;
            var waiter = env.NewCompletion<bool>();
            closing.Waiters.Add(waiter);
            return waiter.Task;
        }
    }

    private sealed class Closing
    {
        public int Count { get; set; }

        public List<TaskCompletionSource<bool>> Waiters { get; } = [];
    }
}
