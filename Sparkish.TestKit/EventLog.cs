using Sparkish.Rpc;

namespace Sparkish.TestKit;

/// <summary>
/// A log of events, in order, for a test to take: endpoints add, one test at a time takes. Waiting uses the clock and the completions of an env, so that it
/// works in simulation too. Thread-safe.
/// </summary>
public sealed class EventLog<T>(RpcEnv env, string name)
{
    private const int MaxSeen = 1000;

    /// <summary>Default time limit of a call.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Queue<T> _items = new();
    private readonly Queue<string> _seen = new();
    private TaskCompletionSource<bool>? _waiter;

    /// <summary>Number of events that were added and not taken.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _items.Count;
        }
    }

    /// <summary>Adds an event.</summary>
    public void Add(T item)
    {
        TaskCompletionSource<bool>? waiter;
        lock (_lock)
        {
            _items.Enqueue(item);
            _seen.Enqueue($"{item}");
            if (_seen.Count > MaxSeen) _seen.Dequeue();
            waiter = _waiter;
            _waiter = null;
        }

        waiter?.TrySetResult(true);
    }

    /// <summary>Takes the next event.</summary>
    /// <param name="expected">The expected event, named in the error.</param>
    /// <param name="timeout">Time limit; <see cref="Patience"/> unless given.</param>
    /// <exception cref="TestKitException">No event arrived in time.</exception>
    public async Task<T> NextAsync(string expected = "anything", TimeSpan? timeout = null)
    {
        var patience = timeout ?? Patience;
        var (found, item) = await TryNextAsync(patience).ConfigureAwait(false);
        return found ? item! : throw new TestKitException($"{name} waited {patience} for {expected}, and nothing arrived. {Seen()}");
    }

    /// <summary>Takes the next event if it arrives in time.</summary>
    public async Task<(bool Found, T? Item)> TryNextAsync(TimeSpan timeout)
    {
        TaskCompletionSource<bool> waiter;
        lock (_lock)
        {
            if (_items.TryDequeue(out var first)) return (true, first);
            if (_waiter is not null) throw new InvalidOperationException($"{name} is waited on already: await one expectation before the next.");
            waiter = _waiter = env.NewCompletion<bool>();
        }

        await using (env.Time.CreateTimer(GiveUp, waiter, timeout, Timeout.InfiniteTimeSpan).ConfigureAwait(false))
        {
            await waiter.Task.ConfigureAwait(false);
        }

        lock (_lock) return _items.TryDequeue(out var item) ? (true, item) : (false, default);
    }

    /// <summary>All events so far, taken or not, as text.</summary>
    public string Seen()
    {
        lock (_lock) return _seen.Count == 0 ? "It has seen nothing." : $"It has seen, in order: {string.Join(", ", _seen)}.";
    }

    private void GiveUp(object? state)
    {
        lock (_lock)
        {
            if (ReferenceEquals(_waiter, state)) _waiter = null;
        }

        ((TaskCompletionSource<bool>)state!).TrySetResult(false);
    }
}
