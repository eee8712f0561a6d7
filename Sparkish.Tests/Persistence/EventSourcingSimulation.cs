using Sparkish.Rpc;
using Sparkish.Serialization.Messages;
using Sparkish.Simulation;

namespace Sparkish.Tests.Persistence;

/// <summary>
/// A counter on a simulated node whose journal is on its disk, and clients that have numbers counted, each until it is acknowledged. Whatever fails, each
/// recovered
/// state has all that was acknowledged, and nothing twice.
/// </summary>
internal sealed class EventSourcingSimulation
{
    private const int PerClient = 12;

    public static readonly SimulationOptions Options = new()
    {
        Messages = new MessageRegistry().Add<Increment>(100).Add<RestartYourself>(101),
        Conf = new SparkConf(false).Set("spark.rpc.askTimeout", "2s").Set("spark.rpc.io.connectionTimeout", "1s")
            .Set("spark.rpc.io.keepAliveInterval", "500ms").Set("spark.rpc.io.keepAliveTimeout", "2s"),
    };

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly SimulatedCluster _cluster;
    private readonly SimulatedNode _server;
    private readonly Dictionary<string, int> _attempted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _acknowledged = new(StringComparer.Ordinal);
    private CounterState? _recovered;
    private long _epoch;

    public EventSourcingSimulation(SimulatedCluster cluster, int clients = 3)
    {
        _cluster = cluster;
        _server = cluster.AddNode("server", StartServer);
        var counter = new RpcEndpointAddress(_server.Env.Address, "counter");
        for (var i = 0; i < clients; i++)
        {
            var name = $"client-{i}";
            cluster.AddNode(name, (SimulatedNode node) => NewEnv(node).SetupEndpoint("client", new Client(this, node, counter)));
        }
    }

    public SimulatedNode Server => _server;

    /// <summary>How often the counter has recovered.</summary>
    public int Recoveries { get; private set; }

    /// <summary>Lets all clients come to their end, kills the server, and looks at what it recovers.</summary>
    public void Finish()
    {
        var clients = _cluster.Nodes.Count - 1;
        _cluster.RunUntil(() => _acknowledged.Count == clients && _acknowledged.Values.All(number => number == PerClient), Patience);
        var before = Recoveries;
        _server.Crash();
        _server.Start();
        _cluster.RunUntil(() => Recoveries > before, Patience);
        foreach (var (client, _) in _acknowledged)
            _cluster.Check(_recovered!.Increments[client] == PerClient, $"{client} was counted {_recovered.Increments[client]} times.");
        _cluster.RunFor(TimeSpan.Zero);
    }

    /// <summary>The disk is gone with the machine, and all that was on it.</summary>
    public void LoseDisk()
    {
        _server.LoseMachine();
        _server.Disk.Lose();
        _acknowledged.Clear();
        (_recovered, _epoch) = (null, 0);
        foreach (var client in _cluster.Nodes.Where(node => node != _server)) client.Crash();
        _attempted.Clear();
        _server.Start();
        foreach (var client in _cluster.Nodes.Where(node => node != _server)) client.Start();
    }

    private static RpcEnv NewEnv(SimulatedNode node) => node.EnvFactory.Create(new RpcEnvOptions(node.Name, Options.Conf, Options.Messages));

    private void StartServer(SimulatedNode node)
    {
        var env = NewEnv(node);
        var options = EventSourcingCounter.Options(node.Journals) with { SnapshotEvery = 5 };
        env.SetupEndpoint("counter", () => new EventSourcingCounter(options)
        {
            Recovering = OnRecovered,
            Directive = static error => error is TimeoutException ? ErrorDirective.Restart : ErrorDirective.Resume,
        }, new RestartLimit(1_000, TimeSpan.FromMinutes(1)));
    }

    private void OnRecovered(CounterState state, long epoch)
    {
        Recoveries++;
        _cluster.Check(epoch > _epoch, $"Epoch {epoch} came behind epoch {_epoch}.");
        (_recovered, _epoch) = (state, epoch);
        _cluster.Check(state.Value == state.Increments.Values.Sum(), $"The value is {state.Value}, but there were {state.Increments.Values.Sum()} increments.");
        foreach (var (client, number) in _acknowledged)
            _cluster.Check(state.Increments.GetValueOrDefault(client) >= number,
                $"Of {client} {number} were acknowledged, but {state.Increments.GetValueOrDefault(client)} recovered.");
        foreach (var (client, count) in state.Increments.Where(pair => pair.Key != "disconnected"))
            _cluster.Check(count <= _attempted.GetValueOrDefault(client),
                $"{client} has sent {_attempted.GetValueOrDefault(client)}, but {count} were counted.");
    }

    /// <summary>Has one number after the other counted; what it knows outlives its process, as if it were on its disk.</summary>
    private sealed class Client(EventSourcingSimulation simulation, SimulatedNode node, RpcEndpointAddress counter) : RpcEndpoint
    {
        private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

        private Random _random = null!;
        private int _number;

        public override void OnStart()
        {
            _random = Env.NewRandom();
            _number = simulation._acknowledged.GetValueOrDefault(node.Name) + 1;
            Ask();
        }

        public override void Receive(object message)
        {
            switch (message)
            {
                case Counted m: OnCounted(m); break;
                case Again: Ask(); break;
                case Failed: Env.ScheduleOnce(Pause, Self, new Again()); break;
                default: base.Receive(message); break;
            }
        }

        private void OnCounted(Counted message)
        {
            simulation._acknowledged[node.Name] = message.Number;
            _number = message.Number + 1;
            Env.ScheduleOnce(_random.NextDouble() * Pause, Self, new Again());
        }

        private void Ask()
        {
            if (_number > PerClient) return;
            var (number, server) = (_number, Env.RefTo(counter));
            simulation._attempted[node.Name] = Math.Max(number, simulation._attempted.GetValueOrDefault(node.Name));
            if (_random.Next(10) == 0) PipeToSelf(server.AskAsync<long>(new RestartYourself()), _ => new Again(), _ => new Again());
            else PipeToSelf(server.AskAsync<long>(new Increment(1, node.Name, number)), _ => new Counted(number), _ => new Failed());
        }

        private sealed record Counted(int Number);

        private sealed record Again;

        private sealed record Failed;
    }
}
