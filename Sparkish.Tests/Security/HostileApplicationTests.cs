using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Sparkish.Deploy;
using Sparkish.Executor;
using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;
using Sparkish.Rpc.Transport;
using Sparkish.Security;
using Sparkish.Serialization.Messages;
using Sparkish.Tests.Processes;
using ApplicationId = Sparkish.Deploy.ApplicationId;

namespace Sparkish.Tests.Security;

/// <summary>
/// Somebody with another application, somebody with a client key, and somebody without anything try every message of every registry, and every prefix of
/// streams that a node of the application serves, on its nodes and on those of its cluster: it goes on as if they were not there. A new message or stream is
/// tried by itself.
/// </summary>
public sealed partial class HostileApplicationTests
{
    private const string Secret = "correct horse battery staple";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly string[] Paths = ["0/0/0", "secret", "Sparkish.Tests", "c", "A.class", "..%2F..%2Fetc%2Fpasswd", ""];

    private static readonly string[] Endpoints =
    [
        "Master", "Worker", "AppClient", "CoarseGrainedScheduler", "MapOutputTracker", "DagScheduler", "Executor", "endpoint-verifier", "endpoint-watcher",
        "endpoint-deployer", "membership",
    ];

    [Test, Long]
    public async Task Nobody_else_takes_anything_from_an_application([Values] bool hasSecret)
    {
        string[] arguments = hasSecret ? ["--conf", $"spark.authenticate.secret={Secret}"] : [];
        await using var cluster = await StandaloneCluster.StartAsync(workers: 1, arguments);
        await using var gate = new TaskGate();
        var (port, gatePort) = (FreePort(), gate.Port);
        var user = new SparkConf(false);
        if (hasSecret) user.Set("spark.authenticate.secret", new SharedSecret(System.Text.Encoding.UTF8.GetBytes(Secret)).ToClientKey());
        await using var sc = LocalContext.Start(cluster.Url,
            [("spark.driver.port", port.ToString(CultureInfo.InvariantCulture)), .. user.Settings.Select(setting => (setting.Key, setting.Value))]);
        var executor = sc.Parallelize([0], 1).Map(_ => $"{TaskContext.Current!.Env.Rpc.Address} {Environment.ProcessId}").Collect().Single();
        sc.Parallelize([(0, 0)], 1).ReduceByKey((x, y) => x + y).Count();
        string[] streams = [.. sc.Parallelize([0], 1).Map(_ => string.Join(' ', TaskContext.Current!.Env.Rpc.Bulk.Prefixes)).Collect().Single().Split(' '),
            .. sc.Rpc.Bulk.Prefixes];
        Assert.That(streams, Does.Contain("shuffle").And.Contain("assemblies"));
        var job = Task.Run(() => sc.Parallelize(Enumerable.Range(0, 4), 2).Map(i =>
        {
            TaskGate.Pass(gatePort);
            return i;
        }).Reduce((x, y) => x + y));
        await gate.NextArrivalAsync();
        var scene = new Scene(RpcAddress.Parse(cluster.Url), WorkerAddress(cluster), new RpcAddress("127.0.0.1", port),
            RpcAddress.Parse(executor.Split(' ')[0]), new ApplicationId(sc.ApplicationId), WorkerIdOf(cluster),
            [.. streams.Distinct(StringComparer.Ordinal).SelectMany(static _ => Paths, static (prefix, path) => $"{prefix}/{path}")], hasSecret);

        await using (var stranger = NewEnv("stranger", new SparkConf(false), new Keyring(), "driver")) await scene.AttackAsync(stranger);
        await using (var another = NewEnv("another", user, new Keyring(), "driver")) await scene.AttackAsync(another);
        var keyring = new Keyring { Encrypts = hasSecret };
        keyring.Join("app-20260101000000-9999", SharedSecret.NewBytes(), []);
        await using (var member = NewEnv("member", new SparkConf(false), keyring, "executor")) await scene.AttackAsync(member);

        gate.Open();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(await job.WaitAsync(Patience), Is.EqualTo(6), "the results are those of the application's own tasks");
            Assert.That(sc.Parallelize([0], 1).Map(_ => $"{TaskContext.Current!.Env.Rpc.Address} {Environment.ProcessId}").Collect().Single(), Is.EqualTo(executor),
                "the executor is the one that it was");
            Assert.That(scene.Taken, Is.Empty);
        }
    }

    private static RpcEnv NewEnv(string name, SparkConf conf, Keyring keyring, string role) => new NetworkRpcEnvFactory().Create(
        new RpcEnvOptions(name, Hasty(conf), DeployMessages.Register(SchedulerMessages.Register(new MessageRegistry())))
        {
            Roles = [role],
            Keyring = keyring,
            LoggerFactory = Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance,
        });

    /// <summary>An attacker dials again at once.</summary>
    private static SparkConf Hasty(SparkConf conf) => conf.Clone()
        .Set("spark.rpc.askTimeout", "5s").Set("spark.rpc.io.reconnect.minPause", "1ms").Set("spark.rpc.io.reconnect.maxPause", "2ms");

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Said(StandaloneCluster cluster) => string.Join('\n', cluster.Workers[0].Output.Concat(cluster.Workers[0].Errors));

    private static RpcAddress WorkerAddress(StandaloneCluster cluster) => RpcAddress.Parse(ListensOn().Match(Said(cluster)).Groups["at"].Value);

    private static WorkerId WorkerIdOf(StandaloneCluster cluster) => new(AWorker().Match(Said(cluster)).Value);

    [GeneratedRegex(@"sparkWorker listens on (?<at>[\d.]+:\d+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ListensOn();

    [GeneratedRegex(@"worker-\d{14}-[\d.]+-\d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex AWorker();

    /// <summary>The nodes of the victim, and what was taken from them.</summary>
    private sealed class Scene(RpcAddress master, RpcAddress worker, RpcAddress driver, RpcAddress executor, ApplicationId app, WorkerId workerId,
        string[] streams, bool hasSecret)
    {
        public List<string> Taken { get; } = [];

        public async Task AttackAsync(RpcEnv attacker)
        {
            var own = attacker.SetupEndpoint("AppClient", new Silent());
            var victims = attacker.RefTo(new RpcEndpointAddress(driver, "AppClient"));
            foreach (var endpoint in new[] { own, victims })
            {
                var values = new MessageValues(app, workerId, driver, endpoint);
                foreach (var type in CoreMessages.Registry.Types.UnionBy(AttackersTypes(), static type => type.Id).Select(static type => type.Type))
                    await TryAsync(attacker, values.Make(type));
            }

            foreach (var node in new[] { driver, executor, worker, master })
            {
                foreach (var stream in streams) TryStream(attacker, node, stream);
            }

            static IEnumerable<MessageType> AttackersTypes() => DeployMessages.Register(SchedulerMessages.Register(new MessageRegistry())).Types;
        }

        private async Task TryAsync(RpcEnv attacker, object message)
        {
            var asks = new List<Task>();
            foreach (var node in new[] { driver, executor, worker, master })
            {
                foreach (var name in Endpoints)
                {
                    var there = attacker.RefTo(new RpcEndpointAddress(node, name));
                    there.Send(message);
                    asks.Add(AskAsync(attacker, there, message));
                }
            }

            await Task.WhenAll(asks).WaitAsync(Patience);
        }

        private async Task AskAsync(RpcEnv attacker, RpcEndpointRef there, object message)
        {
            try
            {
                var reply = await there.AskAsync<object?>(message);

                // Every admitted peer may look names up and watch.
                if (message is CheckExistence or WatchEndpoint or WatchedEndpointStopped && (there.Address == master || there.Address == worker)) return;
                if (there.Address == master && IsForTools(message)) return;
                lock (Taken) Taken.Add($"{attacker.Name} got {reply} of {there} for {message.GetType().Name}");
            }
            catch (SparkException)
            {
                // Refused, one way or the other.
            }
        }

        /// <summary>Users with a client key submit drivers and look at the cluster; where no secret is set, every user of the machine administers it.</summary>
        private bool IsForTools(object message) =>
            message is RequestSubmitDriver or RequestKillDriver or RequestDriverStatus or RequestReadyz or RequestMasterState
            || (!hasSecret && message is RequestKillAllDrivers or RequestClearCompletedDriversAndApps or DecommissionWorkersOnHosts);

        private void TryStream(RpcEnv attacker, RpcAddress node, string path)
        {
            try
            {
                using var stream = attacker.OpenBulk(node, path);
                Taken.Add($"{attacker.Name} read {path} of {node}");
            }
            catch (Exception error) when (error is RpcConnectionException or BulkNotFoundException)
            {
                if (error is BulkNotFoundException && (node == driver || node == executor)) Taken.Add($"{attacker.Name} was let in by {node} for {path}");
            }
        }
    }

    private sealed class Silent : RpcEndpoint
    {
        public override void Receive(object message)
        {
            // It is told of its own application, if it has registered one.
        }

        public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(true);
    }
}
