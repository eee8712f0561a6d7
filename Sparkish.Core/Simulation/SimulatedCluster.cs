using Sparkish.Rpc;

namespace Sparkish.Simulation;

/// <summary>
/// Many nodes in one thread and virtual time, driven by one seed: equal seeds give equal runs to the last byte, on any machine. Endpoints are those of real
/// nodes; they must not use other clocks, threads or randomness than their env's. Belongs to the thread that drives it.
/// </summary>
/// <example><code>
/// var cluster = new SimulatedCluster(seed: 1);
/// var server = cluster.AddNode("server", env => env.SetupEndpoint("echo", new Echo()));
/// var client = cluster.AddNode("client");
/// var answer = cluster.Run(() => client.Env.RefTo(new RpcEndpointAddress(server.Env.Address, "echo")).AskAsync&lt;string&gt;("hello").AsTask());
/// </code></example>
public sealed partial class SimulatedCluster
{
    private readonly EventQueue _events = new();
    private readonly List<SimulatedNode> _nodes = [];
    private readonly List<Action> _invariants = [];
    private readonly Random _random;
    private int _owner = Environment.CurrentManagedThreadId;
    private Exception? _failure;
    private bool _isRunning;

    /// <summary>Creates a cluster without nodes.</summary>
    public SimulatedCluster(long seed, SimulationOptions? options = null)
    {
        Seed = seed;
        Options = options ?? new SimulationOptions();
        Trace = new SimulationTrace(Options.TraceLines);
        _random = NewRandom("turns");
        Network = new SimulatedNetwork(this, Options.Latency, NewRandom("network"));
    }

    /// <summary>The seed of all randomness.</summary>
    public long Seed { get; }

    /// <summary>The options of the cluster.</summary>
    public SimulationOptions Options { get; }

    /// <summary>Virtual time since the start.</summary>
    public TimeSpan Now => TimeSpan.FromTicks(NowTicks);

    /// <summary>Number of events so far.</summary>
    public long Steps { get; private set; }

    /// <summary>The hash of the whole trace, including the bytes of messages.</summary>
    public ulong TraceHash => Trace.Hash;

    /// <summary>The last events, one line each.</summary>
    public string TraceText => Trace.ToString();

    /// <summary>The nodes, in the order of their adding.</summary>
    public IReadOnlyList<SimulatedNode> Nodes => _nodes;

    internal SimulationTrace Trace { get; }

    internal SimulatedNetwork Network { get; }

    internal long NowTicks { get; private set; }

    /// <summary>Adds a node with one env on port 7077, created with the cluster's settings.</summary>
    public SimulatedNode AddNode(string name) => AddNode(name, static (RpcEnv _) => { });

    /// <summary>
    /// Adds a node and starts it: with one env on port 7077, created with the cluster's settings. Each later start runs <paramref name="start"/> on a new env.
    /// </summary>
    public SimulatedNode AddNode(string name, Action<RpcEnv> start)
    {
        ArgumentNullException.ThrowIfNull(start);
        return AddNode(name,
            node => start(node.EnvFactory.Create(new RpcEnvOptions(name, Options.Conf, Options.Messages) { LoggerFactory = Options.LoggerFactory })));
    }

    /// <summary>Adds a node and starts it. Each start runs <paramref name="start"/>, which creates the envs and may access the disk.</summary>
    /// <exception cref="ArgumentException">The name is in use.</exception>
    public SimulatedNode AddNode(string name, Action<SimulatedNode> start)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(start);
        CheckThread();
        if (Network.Host(name) is not null) throw new ArgumentException($"There is already a node called '{name}'.", nameof(name));
        var node = new SimulatedNode(this, name, start);
        Network.AddHost(name, node);
        _nodes.Add(node);
        node.Start();
        return node;
    }

    /// <summary>Returns a source of randomness for a purpose: equal for the same seed and purpose, independent of other draws.</summary>
    public Random NewRandom(string purpose)
    {
        ArgumentNullException.ThrowIfNull(purpose);
        var state = (ulong)Seed;
        foreach (var c in purpose) state = Scramble(state ^ c);
        return new Random((int)(Scramble(state) >> 33));
    }

    /// <summary>Adds a line of the test's own to the trace.</summary>
    public void Note(string what) => Trace.Add(NowTicks, "", what);

    /// <summary>Runs a check after every event; an exception from it ends the run.</summary>
    public void AddInvariant(Action check) => _invariants.Add(check);

    /// <summary>
    /// Ends the run with an error after the current event; may be called anywhere. Within a handler, an exception would only reach the endpoint's supervision.
    /// </summary>
    public void Fail(Exception error) => _failure ??= error;

    /// <summary>Fails the run unless a condition holds.</summary>
    public void Check(bool condition, string otherwise)
    {
        if (!condition) Fail(new SparkException(otherwise));
    }

    /// <summary>Schedules an action outside of all nodes after some virtual time: a fault, a client, a check. An exception from it ends the run.</summary>
    public void Schedule(TimeSpan after, Action action)
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentOutOfRangeException.ThrowIfLessThan(after, TimeSpan.Zero);
        CheckThread();
        Plan(new ActionEvent(null, action), NowTicks + after.Ticks);
    }

    internal void Plan(SimulationEvent item, long time) => _events.Add(item, time);

    internal long NextTurnDelay() => Options.MaxTurnDelay > TimeSpan.Zero ? _random.NextInt64(Options.MaxTurnDelay.Ticks) : 0;

    internal void CheckThread()
    {
        if (Environment.CurrentManagedThreadId == _owner) return;
        throw new InvalidOperationException(
            $"A simulated cluster was called from thread {Environment.CurrentManagedThreadId}, but belongs to thread {_owner}: its code must take time, completions and " +
            "timers from its env (env.Time, env.NewCompletion), and use no Task.Run, Task.Yield, other clock or RunContinuationsAsynchronously.");
    }

    // SplitMix64
    private static ulong Scramble(ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        state = (state ^ (state >> 27)) * 0x94D049BB133111EB;
        return state ^ (state >> 31);
    }
}
