using System.Globalization;

namespace Sparkish.Simulation;

/// <content>Letting virtual time pass.</content>
public sealed partial class SimulatedCluster
{
    internal static readonly TimeSpan Patience = TimeSpan.FromHours(1);

    /// <summary>Runs until a task is completed; it starts on this thread and continues here after each await.</summary>
    /// <param name="body">The task to run.</param>
    /// <param name="within">Limit of virtual time; an hour unless given.</param>
    /// <exception cref="SimulationException">The time limit was exceeded, nothing more could happen, the task failed, or a check did.</exception>
    public void Run(Func<Task> body, TimeSpan? within = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        Pump(() =>
        {
            var task = body();
            PumpUntil(() => task.IsCompleted, within ?? Patience, "the task was not done");
            if (!task.IsCompletedSuccessfully) Blocking.Wait(task);
        });
    }

    /// <inheritdoc cref="Run(Func{Task}, TimeSpan?)"/>
    public T Run<T>(Func<Task<T>> body, TimeSpan? within = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        Task<T>? task = null;
        Func<Task> start = () => task = body();
        Run(start, within);
        return Blocking.Wait(task!);
    }

    /// <summary>Advances virtual time.</summary>
    /// <exception cref="SimulationException">A check failed.</exception>
    public void RunFor(TimeSpan time) => Pump(() =>
    {
        var end = NowTicks + time.Ticks;
        while (_events.NextTime is { } next && next <= end) Step();
        NowTicks = end;
        ThrowIfFailed();
    });

    /// <summary>Advances virtual time until a condition holds.</summary>
    /// <exception cref="SimulationException">The condition did not hold in time, nothing more could happen, or a check failed.</exception>
    public void RunUntil(Func<bool> condition, TimeSpan within)
    {
        ArgumentNullException.ThrowIfNull(condition);
        Pump(() => PumpUntil(condition, within, "the condition did not hold"));
    }

    /// <summary>Makes this thread the simulation's, without a synchronization context, which would move continuations to other threads.</summary>
    private void Pump(Action drive)
    {
        if (_isRunning)
        {
            CheckThread();
            drive(); // from within a run, such as an AskSync of the test: the outer run reports failures
            return;
        }

        _owner = Environment.CurrentManagedThreadId;
        _isRunning = true;
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            drive();
        }
        catch (Exception error)
        {
            throw Failed(error);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
            _isRunning = false;
        }
    }

    private void PumpUntil(Func<bool> done, TimeSpan within, string otherwise)
    {
        var deadline = NowTicks + within.Ticks;
        while (!done())
        {
            if (_events.NextTime is not { } next) throw new TimeoutException($"Nothing is left to happen after {Now}, and {otherwise}.");
            if (next > deadline) throw new TimeoutException($"Within {within} of virtual time {otherwise}.");
            Step();
        }

        ThrowIfFailed();
    }

    private void Step()
    {
        if (_events.TryTake() is not { } item) return;
        NowTicks = item.Time;
        if (item.Process is { } process)
        {
            if (process.IsDead) return;
            if (process.IsPaused)
            {
                process.Hold(item);
                return;
            }

            if (item.IsWork && process.BusyUntil > NowTicks)
            {
                _events.PutOff(item, process.BusyUntil);
                return;
            }
        }

        Steps++;
        item.Run();
        ThrowIfFailed();
        foreach (var check in _invariants) check();
        if (_invariants.Count > 0) ThrowIfFailed();
    }

    private void ThrowIfFailed()
    {
        if (_failure is { } failure) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    private SimulationException Failed(Exception error)
    {
        if (error is SimulationException known && known.Seed == Seed) return known;
        var text = string.Create(
            CultureInfo.InvariantCulture,
                $"Seed {Seed} failed after {Now} of virtual time and {Steps} events: {error.Message}\nThe last events (trace {TraceHash:x16}):\n{TraceText}");
        return new SimulationException(Seed, TraceHash, text, error);
    }
}
