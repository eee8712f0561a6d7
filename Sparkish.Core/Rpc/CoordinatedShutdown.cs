#pragma warning disable MA0048 // a shutdown, its phases and its outcome belong together
using Sparkish.Diagnostics;

namespace Sparkish.Rpc;

/// <summary>The phases of an env's shutdown that a program can join, in their order.</summary>
public enum ShutdownPhase
{
    /// <summary>Everything still works: stop taking in work, leave a load balancer.</summary>
    BeforeEndpointsStop,

    /// <summary>The program's endpoints have stopped; messages can still be sent to other nodes.</summary>
    AfterEndpointsStop,

    /// <summary>The framework's own endpoints have stopped too; sent messages are still in transit.</summary>
    BeforeConnectionsClose,

    /// <summary>The env has stopped entirely: close files, flush logs.</summary>
    AfterConnectionsClose,
}

/// <summary>A shutdown task that failed or did not complete in time.</summary>
public sealed record ShutdownFailure(ShutdownPhase Phase, string Task, Exception Error);

/// <summary>The outcome of a shutdown.</summary>
/// <param name="AbandonedEndpoints">The names of endpoints whose handlers did not finish before the deadline and may still run.</param>
/// <param name="Failures">The tasks that failed or did not complete in time.</param>
/// <param name="MissedDeadline">Whether the deadline passed before the shutdown was done.</param>
public sealed record ShutdownReport(IReadOnlyList<string> AbandonedEndpoints, IReadOnlyList<ShutdownFailure> Failures, bool MissedDeadline)
{
    /// <summary>Whether everything stopped in time and without being abandoned.</summary>
    public bool IsClean => AbandonedEndpoints.Count == 0 && Failures.Count == 0 && !MissedDeadline;
}

/// <summary>
/// The tasks that a program adds to the shutdown of its env (<see cref="RpcEnv.CoordinatedShutdown"/>). Tasks of one phase run concurrently; the next phase
/// begins when all of them have completed, failed or timed out. A failure is reported and does not stop the shutdown. Thread-safe.
/// </summary>
public sealed class CoordinatedShutdown
{
    /// <summary>Default time limit of a task.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Longest = TimeSpan.FromDays(49);

    private readonly Lock _lock = new();
    private readonly List<Entry> _tasks = [];
    private ShutdownPhase? _begun;

    /// <summary>Adds a task to a phase.</summary>
    /// <param name="phase">The phase of the task.</param>
    /// <param name="name">The name of the task in reports.</param>
    /// <param name="task">The task. Its token is cancelled at the time limit, and the shutdown then continues without the task.</param>
    /// <param name="timeout">The time limit, at most 49 days; <see cref="DefaultTimeout"/> unless given.</param>
    /// <returns>Removes the task when disposed.</returns>
    /// <exception cref="InvalidOperationException">The phase has already begun.</exception>
    public IDisposable AddTask(ShutdownPhase phase, string name, Func<CancellationToken, Task> task, TimeSpan? timeout = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(task);
        var given = timeout ?? DefaultTimeout;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(given, TimeSpan.Zero, nameof(timeout));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(given, Longest, nameof(timeout));
        var entry = new Entry(this, phase, name, task, given);
        lock (_lock)
        {
            if (_begun >= phase) throw new InvalidOperationException($"The shutdown has reached {_begun} already: '{name}' can no longer be added to {phase}.");
            _tasks.Add(entry);
        }

        return entry;
    }

    /// <summary>Runs the tasks of a phase. For implementers of envs, which call it once per phase, in order.</summary>
    /// <param name="phase">The phase.</param>
    /// <param name="time">The env's clock.</param>
    /// <param name="start">Starts a task on a thread that it may block briefly without delaying the shutdown.</param>
    /// <param name="giveUp">Stops the waiting for all tasks.</param>
    /// <returns>The tasks that failed or did not complete in time.</returns>
    public async Task<IReadOnlyList<ShutdownFailure>> RunAsync(
        ShutdownPhase phase, TimeProvider time, Func<Func<Task>, Task<Task>> start, CancellationToken giveUp = default)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(start);
        Entry[] entries;
        lock (_lock)
        {
            _begun = phase;
            entries = [.. _tasks.Where(entry => entry.Phase == phase)];
        }

        if (entries.Length == 0) return [];
        var outcomes = await Task.WhenAll(entries.Select(entry => entry.RunAsync(time, start, giveUp))).ConfigureAwait(false);
        return [.. outcomes.OfType<ShutdownFailure>()];
    }

    private sealed class Entry(CoordinatedShutdown owner, ShutdownPhase phase, string name, Func<CancellationToken, Task> task, TimeSpan timeout) : IDisposable
    {
        public ShutdownPhase Phase => phase;

        public async Task<ShutdownFailure?> RunAsync(TimeProvider time, Func<Func<Task>, Task<Task>> start, CancellationToken giveUp)
        {
            using var late = new CancellationTokenSource();
            using var registration = giveUp.UnsafeRegister(_ => Cancel(late), null);
            var timer = time.CreateTimer(_ => Cancel(late), null, timeout, Timeout.InfiniteTimeSpan);
            await using var _ = timer.ConfigureAwait(false);
            try
            {
                await RunTaskAsync(start, late.Token).WaitAsync(late.Token).ConfigureAwait(false);
                return null;
            }
            catch (OperationCanceledException) when (late.IsCancellationRequested)
            {
                var limit = giveUp.IsCancellationRequested ? "before the deadline of the shutdown" : $"within {timeout}";
                return new ShutdownFailure(phase, name, new TimeoutException($"'{name}' did not end {limit}."));
            }
            catch (Exception error)
            {
                return new ShutdownFailure(phase, name, error);
            }
        }

        public void Dispose()
        {
            lock (owner._lock) owner._tasks.Remove(this);
        }

        private void Cancel(CancellationTokenSource late)
        {
            try
            {
                late.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The task completed at this very moment.
            }
            catch (AggregateException error)
            {
                LastResort.Write($"The timeout handler of the shutdown task '{name}' failed.", error);
            }
        }

        private async Task RunTaskAsync(Func<Func<Task>, Task<Task>> start, CancellationToken token)
        {
            var running = await start(() => task(token) ?? throw new InvalidOperationException($"The shutdown task '{name}' returned null."))
                .ConfigureAwait(false);
            await running.ConfigureAwait(false);
        }
    }
}
