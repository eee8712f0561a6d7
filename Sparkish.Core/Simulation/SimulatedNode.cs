#pragma warning disable MA0048 // a node and its creation of envs belong together
using Sparkish.Persistence;
using Sparkish.Rpc;

namespace Sparkish.Simulation;

/// <summary>A machine of a simulated cluster: its disk, its clock, and the process that runs on it. All members are for the simulation's thread.</summary>
public sealed class SimulatedNode
{
    internal const int FirstPort = 7077;

    private readonly Action<SimulatedNode> _start;
    private readonly Random _random;
    private long _incarnation;
    private int _clients;

    internal SimulatedNode(SimulatedCluster cluster, string name, Action<SimulatedNode> start)
    {
        Cluster = cluster;
        Name = name;
        _start = start;
        _random = cluster.NewRandom($"node {name}");
        _incarnation = _random.NextInt64(1, long.MaxValue >> 2) | 1;
        Disk = new SimulatedDisk(name, cluster.NewRandom($"disk {name}"));
        EnvFactory = new SimulatedRpcEnvFactory(this);
    }

    /// <summary>The node's name, which is also its host name.</summary>
    public string Name { get; }

    /// <summary>Its disk, which outlives its processes.</summary>
    public SimulatedDisk Disk { get; }

    /// <summary>
    /// Journals in files on <see cref="Disk"/>, below <c>journals/</c>, opened by the current process; the implementation is that of real nodes. A killed
    /// process leaves its written bytes, a lost machine its flushed ones. On a node without a process, each access returns a new store for reading.
    /// </summary>
    public IJournalStore Journals => Process?.Journals ?? SimulatedJournalFiles.NewStore(this, process: null);

    /// <summary>Creates envs on this node; one that requests port 0 gets 7077, the next one 7078, starting over at each start.</summary>
    public IRpcEnvFactory EnvFactory { get; }

    /// <summary>The node's first live env.</summary>
    /// <exception cref="InvalidOperationException">The node is down, or has created no env.</exception>
    public RpcEnv Env => Process?.Envs is [var first, ..] ? first : throw new InvalidOperationException($"No env runs on {Name}.");

    /// <summary>Whether a process runs on it.</summary>
    public bool IsRunning => Process is not null;

    /// <summary>Whether the machine itself is lost: peers see no end of connections, only silence.</summary>
    public bool IsDown { get; private set; }

    /// <summary>Whether its process is suspended, as after SIGSTOP.</summary>
    public bool IsPaused => Process is { IsPaused: true };

    /// <summary>Time that handling one message keeps the process busy; zero is a fast node.</summary>
    public TimeSpan MessageCost { get; set; }

    /// <summary>Offset of the wall clock; may be changed at any time, like setting a clock.</summary>
    public TimeSpan ClockOffset { get; set; }

    /// <summary>Drift of the clock in parts per million, timers included; positive is fast. Set before the node starts.</summary>
    public int ClockDriftPpm { get; set; }

    internal SimulatedCluster Cluster { get; }

    /// <summary>Number of messages that its endpoints have received from other nodes.</summary>
    internal long MessagesReceived { get; set; }

    /// <summary>Real time that its work has taken, as a figure of its cost.</summary>
    internal TimeSpan RealTime { get; set; }

    internal SimulatedProcess? Process { get; private set; }

    /// <summary>Number of starts.</summary>
    public int Starts { get; private set; }

    /// <summary>Starts the node, with the content of its disk.</summary>
    /// <exception cref="InvalidOperationException">The node is already running.</exception>
    public void Start()
    {
        Cluster.CheckThread();
        if (IsRunning) throw new InvalidOperationException($"{Name} runs already; crash it first.");
        IsDown = false;
        Process = new SimulatedProcess(this, ++Starts);
        Trace("starts");
        _start(this);
    }

    /// <summary>Kills the process: peers see its connections closed. Written bytes stay on the disk.</summary>
    public void Crash()
    {
        if (TakeProcess("is killed") is not { } process) return;
        foreach (var end in process.Ends.ToList()) end.Kill(_random);
        foreach (var env in process.Envs) env.Listener?.Abandon(static end => end.Reset());
    }

    /// <summary>Loses the machine: peers see nothing. Unflushed bytes on the disk may be lost or torn.</summary>
    public void LoseMachine()
    {
        IsDown = true;
        Disk.LosePower();
        if (TakeProcess("is lost") is not { } process) return;
        foreach (var end in process.Ends.ToList()) end.Vanish(_random);
        foreach (var env in process.Envs) env.Listener?.Abandon(end => end.Vanish(_random));
    }

    /// <summary>Suspends the process until <see cref="Resume"/>: messages to it wait, timers fire late.</summary>
    public void Pause()
    {
        Cluster.CheckThread();
        if (Process is not { IsPaused: false } process) return;
        Trace("stands still");
        process.Pause();
    }

    /// <summary>Resumes the process.</summary>
    public void Resume()
    {
        Cluster.CheckThread();
        if (Process is not { IsPaused: true } process) return;
        Trace("goes on");
        process.Resume();
    }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    internal long NextIncarnation() => _incarnation += 1L << 20;

    internal Random NewRandom() => new(_random.Next());

    internal string NextClientHost() => $"client-{Name}-{++_clients}";

    internal long ToLocal(long ticks) => ClockDriftPpm == 0 ? ticks : ticks + (long)((Int128)ticks * ClockDriftPpm / 1_000_000);

    /// <summary>Converts ticks of this clock to true ticks, rounded up.</summary>
    internal long FromLocal(long ticks) =>
        ClockDriftPpm == 0 ? ticks : (long)(((Int128)ticks * 1_000_000 + 1_000_000 + ClockDriftPpm - 1) / (1_000_000 + ClockDriftPpm));

    /// <summary>Number of connections that the kernel queues per port until the process accepts them; further ones are refused.</summary>
    internal int ListenBacklog { get; set; } = 512;

    internal SimulatedListener? ListenerAt(int port) => Listening(port)?.Listener;

    internal SimulatedRpcEnv? Listening(int port) => Process?.Envs.Find(env => env.Address.Port == port);

    private SimulatedProcess? TakeProcess(string how)
    {
        Cluster.CheckThread();
        if (Process is not { } process) return null;
        Trace(how);
        Process = null;
        process.Kill();
        return process;
    }

    private void Trace(string what) => Cluster.Trace.Add(Cluster.NowTicks, Name, what);
}

/// <summary>Creates envs on one simulated node.</summary>
internal sealed class SimulatedRpcEnvFactory(SimulatedNode node) : IRpcEnvFactory
{
    public RpcEnv Create(RpcEnvOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        node.Cluster.CheckThread();
        var process = node.Process ?? throw new InvalidOperationException($"{node} is down: start it before you create an env on it.");
        var env = new SimulatedRpcEnv(process, options, options.Listen ? Bind(process, options) : new RpcAddress(node.NextClientHost(), 0));
        process.Envs.Add(env);
        return env;
    }

    private RpcAddress Bind(SimulatedProcess process, RpcEnvOptions options)
    {
        var host = options.AdvertisedHost ?? node.Name;
        node.Cluster.Network.AddHost(host, node);
        for (var retry = 0; retry <= options.PortMaxRetries; retry++)
        {
            var port = options.Port == 0 ? process.NextPort() : options.Port + retry;
            if (node.Listening(port) is null) return new RpcAddress(host, port);
        }

        throw new SparkException($"Cannot bind to {host}:{options.Port}: the port is taken on {node}. Choose another one, or 0.");
    }
}
