using System.Diagnostics;
using Sparkish.Persistence;
using Sparkish.Rpc.Local;

namespace Sparkish.Simulation;

/// <summary>One start of a node, until it is killed or its machine is lost: its envs, and its ends of connections.</summary>
internal sealed class SimulatedProcess
{
    private readonly List<SimulationEvent> _held = [];
    private readonly List<WireEnd> _ends = [];
    private IJournalStore? _journals;
    private int _lastPort = SimulatedNode.FirstPort - 1;

    public SimulatedProcess(SimulatedNode node, int number)
    {
        Node = node;
        Number = number;
        Time = new SimulatedTime(node.Cluster, this);
        Scheduler = new SimulatedScheduler(this);
    }

    public SimulatedNode Node { get; }

    /// <summary>Which start of the node it is, from 1.</summary>
    public int Number { get; }

    public SimulatedTime Time { get; }

    public SimulatedScheduler Scheduler { get; }

    /// <summary>The envs created in it, oldest first.</summary>
    public List<SimulatedRpcEnv> Envs { get; } = [];

    /// <summary>Its journals; their locks end with it.</summary>
    public IJournalStore Journals => _journals ??= SimulatedJournalFiles.NewStore(Node, this);

    public bool IsDead { get; private set; }

    public bool IsPaused { get; private set; }

    /// <summary>The time until which it is busy handling messages.</summary>
    public long BusyUntil { get; set; }

    /// <summary>Its open ends of connections, oldest first.</summary>
    public IReadOnlyList<WireEnd> Ends => _ends;

    public int NextPort() => ++_lastPort;

    public void Add(WireEnd end) => _ends.Add(end);

    public void Remove(WireEnd end) => _ends.Remove(end);

    /// <summary>Keeps an event of a suspended process until it resumes.</summary>
    public void Hold(SimulationEvent item) => _held.Add(item);

    public void Pause() => IsPaused = true;

    /// <summary>Delivers the kept events, in order.</summary>
    public void Resume()
    {
        IsPaused = false;
        foreach (var item in _held) Node.Cluster.Plan(item, Node.Cluster.NowTicks);
        _held.Clear();
    }

    public void Kill()
    {
        IsDead = true;
        _held.Clear();
    }
}

/// <summary>Runs the turns and continuations of one process as events, one message a turn.</summary>
internal sealed class SimulatedScheduler(SimulatedProcess process) : TurnScheduler
{
    public override int MessagesPerTurn => 1;

    /// <summary>With a synchronization context, continuations of a handler would run elsewhere than on the simulation's thread.</summary>
    public override bool HasContext => false;

    /// <summary>Continuations run within the call that completes them, and so on the simulation's thread.</summary>
    public override TaskCreationOptions Completions => TaskCreationOptions.None;

    public override void Schedule(IThreadPoolWorkItem work, bool preferLocal)
    {
        var cluster = process.Node.Cluster;
        cluster.CheckThread();
        cluster.Plan(new WorkEvent(process, work), cluster.NowTicks + cluster.NextTurnDelay());
    }

    /// <summary>Refuses <c>async void</c>, whose exceptions nothing could catch without a synchronization context.</summary>
    public override void Check(Type endpoint)
    {
        if (AsyncVoid.FindIn(endpoint) is { } method)
            throw new NotSupportedException(
                $"{endpoint.Name}.{method} is 'async void', which cannot be simulated: derive from AsyncRpcEndpoint, or use PipeToSelf.");
    }

    public override TurnScheduler For(string name, bool isIsolated) => this;

    private sealed class WorkEvent(SimulatedProcess process, IThreadPoolWorkItem work) : SimulationEvent
    {
        public override SimulatedProcess Process => process;

        public override bool IsWork => true;

        public override void Run()
        {
            var name = work is Inbox inbox ? inbox.Self.Name : work.GetType().Name;
            process.Node.Cluster.Trace.Step(Time, process.Node.Name, name);
            process.BusyUntil = Time + process.Node.MessageCost.Ticks;
            var started = Stopwatch.GetTimestamp();
            work.Execute();
            process.Node.RealTime += Stopwatch.GetElapsedTime(started);
        }
    }
}
