using Sparkish.Deploy;
using Sparkish.Deploy.Worker;
using Sparkish.Rpc;
using Sparkish.Simulation;

namespace Sparkish.Tests.Deploy.Simulation;

/// <summary>
/// What really runs on the machine of a simulated worker: executors and drivers that end when they are killed. It fails the simulation if together they
/// occupy more than the machine has.
/// </summary>
internal sealed class SimulatedMachine(SimulatedCluster cluster, SimulatedNode node, int cores) : IExecutorLauncher, IDriverLauncher
{
    private static readonly TimeSpan StartTime = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan KillTime = TimeSpan.FromMilliseconds(100);

    /// <summary>The env of the worker, once it is there.</summary>
    public Func<RpcEnv> Env { get; set; } = () => throw new InvalidOperationException($"{node} has no env.");

    public List<Run> Running { get; } = [];

    public IEnumerable<ExecutorKey> Executors => Running.Select(run => run.Executor).OfType<ExecutorKey>();

    public IEnumerable<DriverId> Drivers => Running.Select(run => run.Driver).OfType<DriverId>();

    /// <summary>The reports of the last ends, which a network may deliver again.</summary>
    public List<Run> Ended { get; } = [];

    public int CoresUsed => Running.Sum(run => run.Cores);

    public IExecutorRun Launch(ExecutorLaunch launch, Action onStarted)
    {
        var run = Add(new Run(this, launch.Cores) { Executor = launch.Key });
        run.After(StartTime, onStarted);
        return run;
    }

    public IDriverRun Launch(DriverLaunch launch) =>
        Add(new Run(this, launch.Description.Cores) { Driver = launch.Id, Name = launch.Description.Command.MainClass });

    /// <summary>The process of the worker is gone, and with it all that shares its fate.</summary>
    public void Clear()
    {
        Running.Clear();
        Ended.Clear();
    }

    public ValueTask DisposeAsync()
    {
        Clear();
        return ValueTask.CompletedTask;
    }

    private void Note(string what) => cluster.Note($"{node}: {what}");

    private Run Add(Run run)
    {
        Running.Add(run);
        Note($"{run} starts");
        cluster.Check(CoresUsed <= cores, $"{node} has {cores} cores, but runs {string.Join(", ", Running)}.");
        return run;
    }

    internal sealed class Run(SimulatedMachine machine, int cores) : IExecutorRun, IDriverRun
    {
        private readonly TaskCompletionSource<int> _ended = new();
        private readonly TaskCompletionSource<DriverEnd> _driverEnded = new();

        public ExecutorKey? Executor { get; init; }

        public DriverId? Driver { get; init; }

        public string Name { get; init; } = "";

        public int Cores => cores;

        public string? OutputDirectory => null;

        public Task<string> OutputLost { get; } = new TaskCompletionSource<string>().Task;

        Task<int> IExecutorRun.Completion => _ended.Task;

        Task<DriverEnd> IDriverRun.Completion => _driverEnded.Task;

        public void Kill() => After(KillTime, () => End(143, DriverState.Killed));

        public void End(int exitStatus, DriverState state)
        {
            if (!machine.Running.Remove(this)) return;
            machine.Note($"{this} ends");
            machine.Ended.Add(this);
            if (Executor is not null) _ended.TrySetResult(exitStatus);
            else _driverEnded.TrySetResult(new DriverEnd(state, "it ended"));
        }

        public void After(TimeSpan delay, Action action) =>
            machine.Env().Time.CreateTimer(_ => action(), null, delay, Timeout.InfiniteTimeSpan);

        public override string ToString() => $"{Executor?.ToString() ?? $"{Driver} ({Name})"} on {cores}";
    }
}
