namespace Sparkish.Simulation;

/// <summary>
/// The clock of one start of a node: virtual time with the error of the node's clock. Timers run as events of their process: on the simulation's thread, not
/// when the process is dead, and late when it is suspended.
/// </summary>
internal sealed class SimulatedTime(SimulatedCluster cluster, SimulatedProcess process) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => process.Node.ToLocal(cluster.NowTicks);

    public override DateTimeOffset GetUtcNow() => cluster.Options.Start + process.Node.ClockOffset + TimeSpan.FromTicks(GetTimestamp());

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(cluster, process, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }
}

/// <summary>A timer of a simulated process.</summary>
internal sealed class SimulatedTimer(SimulatedCluster cluster, SimulatedProcess process, TimerCallback callback, object? state) : ITimer
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(36_500);

    private TimerEvent? _next;
    private TimeSpan _period = Timeout.InfiniteTimeSpan;
    private bool _isDisposed;

    private SimulatedProcess Process => process;

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        cluster.CheckThread();
        if (_isDisposed) return false;
        _next?.IsCancelled = true;
        _next = null;
        _period = period;
        if (dueTime != Timeout.InfiniteTimeSpan) Plan(dueTime);
        return true;
    }

    public void Dispose()
    {
        cluster.CheckThread();
        _isDisposed = true;
        _next?.IsCancelled = true;
        _next = null;
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private void Plan(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        _next = new TimerEvent(this);
        cluster.Plan(_next, cluster.NowTicks + process.Node.FromLocal(delay < Longest ? delay.Ticks : Longest.Ticks));
    }

    private void Fire()
    {
        _next = null;
        if (_period > TimeSpan.Zero) Plan(_period);
        cluster.Trace.Step(cluster.NowTicks, process.Node.Name, "timer");
        callback(state);
    }

    private sealed class TimerEvent(SimulatedTimer timer) : SimulationEvent
    {
        public override SimulatedProcess Process => timer.Process;

        public override void Run() => timer.Fire();
    }
}
