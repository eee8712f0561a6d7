using System.Runtime.CompilerServices;
using Sparkish.Rpc;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>
/// Journals of one env that are being closed: an endpoint stops, or is replaced by a fresh instance, before its journal is closed, and who opens it
/// next waits for that. Safe for all threads.
/// </summary>
internal sealed class JournalClosings
{
    private static readonly ConditionalWeakTable<RpcEnv, JournalClosings> Known = [];

    private readonly Lock _lock = new();
    private readonly Dictionary<(IJournalStore Store, string Name), Task> _closing = [];

    public static JournalClosings Of(RpcEnv env) => Known.GetValue(env, static _ => new JournalClosings());

    /// <summary>Keeps a closing until it is done; it never fails.</summary>
    public void Add(IJournalStore store, string name, Task closing)
    {
        var key = (store, name);
        Task all;
        lock (_lock) _closing[key] = all = _closing.TryGetValue(key, out var earlier) ? BothAsync(earlier, closing) : closing;
        _ = ForgetAsync(key, all); // ends with the closing, which reports its own failure
    }

    /// <summary>Completes when nothing of this name is being closed.</summary>
    public Task WhenClosedAsync(IJournalStore store, string name)
    {
        lock (_lock) return _closing.GetValueOrDefault((store, name)) ?? Task.CompletedTask;
    }

    // Not by Task.WhenAll, and waited for without Task.WaitAsync: where one task has several of these, the framework completes some on the thread pool, and a
    // simulation has but one thread.
    private static async Task BothAsync(Task earlier, Task closing)
    {
        await earlier.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await closing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ForgetAsync((IJournalStore Store, string Name) key, Task closing)
    {
        await closing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            if (_closing.GetValueOrDefault(key) == closing) _closing.Remove(key);
        }
    }
}
