using System.Globalization;
using System.Text;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;
using Sparkish.Simulation;

namespace Sparkish.Tests.Simulation;

/// <summary>Sent by a client until it is acknowledged; answered by true once it is on the server's disk.</summary>
public sealed record AddOne(string Client, int Number);

/// <summary>
/// A small protocol: clients have numbers counted by a server, exactly once whatever fails, since it keeps a journal and knows what it has counted.
/// </summary>
internal sealed class CounterProtocol
{
    public const int PerClient = 12;

    public static readonly SimulationOptions Options = new() { Messages = new MessageRegistry().Add<AddOne>(100), Conf = Conf() };

    private readonly SimulatedCluster _cluster;
    private readonly SimulatedNode _server;
    private readonly Dictionary<string, int> _acknowledged = new(StringComparer.Ordinal);

    private CounterProtocol(SimulatedCluster cluster, bool isBuggy)
    {
        _cluster = cluster;
        _server = cluster.AddNode("server", (SimulatedNode node) => NewEnv(node).SetupEndpoint("counter", new Counter(node.Disk, isBuggy)));
        var counter = new RpcEndpointAddress(_server.Env.Address, "counter");
        foreach (var name in new[] { "anna", "bert", "cora" })
            cluster.AddNode(name, (SimulatedNode node) => NewEnv(node)
                .SetupEndpoint("client", new Client(node, counter, number => _acknowledged[name] = number)));
    }

    /// <summary>Runs the protocol under faults, then without, and checks what the server has counted.</summary>
    public static void Run(SimulatedCluster cluster, bool isBuggy = false)
    {
        var protocol = new CounterProtocol(cluster, isBuggy);
        var chaos = cluster.StartChaos(new ChaosOptions { MeanPause = TimeSpan.FromMilliseconds(300), MaxDuration = TimeSpan.FromSeconds(1) });
        cluster.RunFor(TimeSpan.FromSeconds(4));
        chaos.Dispose();
        cluster.RunUntil(() => protocol._acknowledged.Count == 3 && protocol._acknowledged.Values.All(number => number == PerClient), TimeSpan.FromMinutes(5));
        protocol.CheckJournal();
    }

    private void CheckJournal()
    {
        var lines = Counter.Lines(_server.Disk);
        foreach (var group in lines.GroupBy(line => line)) _cluster.Check(group.Count() == 1, $"{group.Key} was counted {group.Count()} times.");
        _cluster.Check(lines.Count >= 3 * PerClient, $"Only {lines.Count} of {3 * PerClient} acknowledged numbers are in the journal.");
        _cluster.RunFor(TimeSpan.Zero);
    }

    private static RpcEnv NewEnv(SimulatedNode node) => node.EnvFactory.Create(new RpcEnvOptions(node.Name, Options.Conf, Options.Messages));

    private static SparkConf Conf() => new SparkConf(false)
        .Set("spark.rpc.askTimeout", "2s").Set("spark.rpc.io.connectionTimeout", "1s")
            .Set("spark.rpc.io.keepAliveInterval", "500ms").Set("spark.rpc.io.keepAliveTimeout", "2s");

    private sealed class Counter(SimulatedDisk disk, bool isBuggy) : RpcEndpoint
    {
        private readonly HashSet<string> _counted = new(StringComparer.Ordinal);

        public static List<string> Lines(SimulatedDisk disk) =>
            disk.Exists("journal") ? [.. Encoding.ASCII.GetString(disk.Read("journal")).Split('\n')[..^1]] : [];

        public override void OnStart()
        {
            _counted.UnionWith(Lines(disk));
            disk.Replace("journal", Encoding.ASCII.GetBytes(string.Concat(Lines(disk).Select(line => line + "\n")))); // a torn line goes
        }

        public override void ReceiveAndReply(object message, RpcCallContext call)
        {
            switch (message)
            {
                case AddOne m: OnAddOne(m, call); break;
                default: base.ReceiveAndReply(message, call); break;
            }
        }

        private void OnAddOne(AddOne message, RpcCallContext call)
        {
            var line = string.Create(CultureInfo.InvariantCulture, $"{message.Client} {message.Number}");
            if (_counted.Add(line) || isBuggy)
            {
                disk.Append("journal", Encoding.ASCII.GetBytes(line + "\n"));
                disk.Flush("journal");
            }

            call.Reply(true);
        }
    }

    private sealed class Client(SimulatedNode node, RpcEndpointAddress counter, Action<int> acknowledged) : RpcEndpoint
    {
        private Random? _random;
        private int _next;

        public override void OnStart()
        {
            _random = Env.NewRandom();
            _next = node.Disk.Exists("next") ? node.Disk.Read("next")[0] : 0;
            SendNext();
        }

        public override void Receive(object message)
        {
            switch (message)
            {
                case Counted: OnCounted(); break;
                case SendDue: SendNext(); break;
                case Failed: break; // the retry is on its way
                default: base.Receive(message); break;
            }
        }

        private void OnCounted()
        {
            node.Disk.Replace("next", [(byte)++_next]);
            acknowledged(_next);
            Env.ScheduleOnce(TimeSpan.FromMilliseconds(_random!.Next(400)), Self, new SendDue());
        }

        private void SendNext()
        {
            if (_next == PerClient) return;
            PipeToSelf(Env.RefTo(counter).AskAsync<bool>(new AddOne(node.Name, _next)), static _ => new Counted(), error =>
            {
                Env.ScheduleOnce(TimeSpan.FromMilliseconds(200), Self, new SendDue());
                return new Failed();
            });
        }

        private sealed record Counted;

        private sealed record Failed;

        private sealed record SendDue;
    }
}
