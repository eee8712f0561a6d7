using System.Runtime.CompilerServices;
using Sparkish.Rpc;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>
/// The journals of one env that are being closed. An endpoint stops, or is replaced by a new instance, before its journal is closed, and the next opening waits
/// for that. Thread-safe.
/// </summary>
/// <remarks>
/// An opening waits for the closings that began before, not for later ones. An instance that is stopped while it waits closes, too, and would wait for itself.
/// Each task here has one awaiter: with several, the framework runs some on the thread pool, and a simulation has only one thread.
/// </remarks>
internal sealed class JournalClosings
{
    private static readonly ConditionalWeakTable<RpcEnv, JournalClosings> Known = [];

    private readonly Lock _lock = new();
    private readonly List<Closing> _closings = [];

    public static JournalClosings Of(RpcEnv env) => Known.GetValue(env, static _ => new JournalClosings());

    /// <summary>A journal begins to be closed.</summary>
    public Closing Begin(IJournalStore store, string name)
    {
        var closing = new Closing(store, name);
        lock (_lock) _closings.Add(closing);
        return closing;
    }

    /// <summary>Called when the journal is closed.</summary>
    public void End(Closing closing)
    {
        List<Waiter> released;
        lock (_lock)
        {
            _closings.Remove(closing);
            released = closing.Waiters.FindAll(static waiter => --waiter.Left == 0);
        }

        foreach (var waiter in released) waiter.Completion.SetResult(true);
    }

    /// <summary>Completes when all running closings of this journal have ended.</summary>
    public Task WhenClosedAsync(RpcEnv env, IJournalStore store, string name)
    {
        lock (_lock)
        {
            var earlier = _closings.FindAll(closing => closing.Store == store && string.Equals(closing.Name, name, StringComparison.Ordinal));
            if (earlier.Count == 0) return Task.CompletedTask;
            var waiter = new Waiter(env.NewCompletion<bool>(), earlier.Count);
            foreach (var closing in earlier) closing.Waiters.Add(waiter);
            return waiter.Completion.Task;
        }
    }

    /// <summary>The closing of one instance's journal.</summary>
    internal sealed class Closing(IJournalStore store, string name)
    {
        public IJournalStore Store => store;

        public string Name => name;

        public List<Waiter> Waiters { get; } = [];
    }

    internal sealed class Waiter(TaskCompletionSource<bool> completion, int left)
    {
        public TaskCompletionSource<bool> Completion => completion;

        public int Left { get; set; } = left;
    }
}
