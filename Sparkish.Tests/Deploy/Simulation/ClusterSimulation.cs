using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy;
using Sparkish.Deploy.Client;
using Sparkish.Deploy.Master;
using Sparkish.Deploy.Recovery;
using Sparkish.Deploy.Worker;
using Sparkish.Rpc;
using Sparkish.Security;
using Sparkish.Serialization.Messages;
using Sparkish.Simulation;

namespace Sparkish.Tests.Deploy.Simulation;

/// <summary>
/// Masters over one store, workers whose executors and drivers are simulated, applications and submission clients, all on simulated nodes. Endpoints and
/// transport are the real ones. A process that ends itself is started again after a second, as by a supervisor.
/// </summary>
internal sealed class ClusterSimulation
{
    public const int CoresPerWorker = 4;

    public static readonly SimulationOptions Options = new()
    {
        Messages = DeployMessages.Register(new MessageRegistry()),
        Conf = new SparkConf(false).Set("spark.rpc.askTimeout", "5s").Set("spark.rpc.io.connectionTimeout", "1s")
            .Set("spark.rpc.io.keepAliveInterval", "1s").Set("spark.rpc.io.keepAliveTimeout", "4s").Set("spark.deploy.maxExecutorRetries", "-1")
            .Set("spark.rpc.io.maxConnections", "20000"), // without secrets, workers count as strangers
        TraceLines = 400,
    };

    private readonly SimulatedCluster _cluster;
    private readonly MasterOptions _masterOptions;

    public ClusterSimulation(SimulatedCluster cluster, int masters, int workers, int eventsPerSnapshot = 20)
    {
        _cluster = cluster;
        _masterOptions = MasterOptions.From(Options.Conf) with { EventsPerSnapshot = eventsPerSnapshot };
        Store = new SimulatedStore(cluster);
        Watch = new LeaderWatch(cluster);
        for (var i = 0; i < masters; i++) Masters.Add(cluster.AddNode($"master-{i}", StartMaster));
        for (var i = 0; i < workers; i++)
        {
            SimulatedMachine? machine = null;
            Workers.Add(cluster.AddNode($"worker-{i}", (SimulatedNode node) => StartWorker(node, machine ??= AddMachine(node))));
        }
    }

    public SimulatedStore Store { get; }

    /// <summary>Checks that workers follow one leader in each term.</summary>
    public LeaderWatch Watch { get; }

    public List<SimulatedNode> Masters { get; } = [];

    public List<SimulatedNode> Workers { get; } = [];

    public List<SimulatedMachine> Machines { get; } = [];

    public List<SimulatedApplication> Applications { get; } = [];

    /// <summary>The addresses of all masters.</summary>
    public IReadOnlyList<RpcAddress> Addresses => [.. Masters.Select(master => new RpcAddress(master.Name, 7077))];

    /// <summary>The node that leads, if it runs.</summary>
    public SimulatedNode Leader => Store.Holder ?? throw new InvalidOperationException("No master leads.");

    public SimulatedNode Standby => Masters.First(master => master != Leader);

    /// <summary>Adds the driver of an application. A driver whose process is started again registers the application's successor, if it has one.</summary>
    public SimulatedApplication AddApplication(int maxCores)
    {
        var app = new SimulatedApplication(maxCores);
        Applications.Add(app);
        app.Node = _cluster.AddNode($"driver-{Applications.Count}", (SimulatedNode node) =>
        {
            var next = app;
            while (next is { Client: not null }) next = next.Successor;
            if (next is not null) Register(node, next);
        });
        return app;
    }

    /// <summary>Signs an application off, like a driver that has finished.</summary>
    public static async Task StopAsync(SimulatedApplication app)
    {
        app.IsOver = true;
        try
        {
            await app.Client!.AskAsync<bool>(new StopAppClient(), TimeSpan.FromMinutes(1));
        }
        catch (SparkException)
        {
            // Its process was killed meanwhile.
        }

        if (app.Node.IsRunning) app.Node.Crash(); // its process ends
    }

    private void Register(SimulatedNode node, SimulatedApplication app)
    {
        var env = NewEnv(node, "driver", ClusterRoles.Driver);
        var options = new ClientOptions(Addresses, TimeSpan.FromSeconds(20)) { RefusedPauses = [.. Enumerable.Repeat(TimeSpan.FromSeconds(1), 600)] };
        var client = new ClientEndpoint(options, Descriptions.Of(app.MaxCores, coresPerExecutor: 1, memoryMiB: 1), app);
        app.Client = env.SetupEndpoint(ClientEndpoint.EndpointName, client);
    }

    /// <summary>A node that asks masters, as submission clients and tools do.</summary>
    public SimulatedNode AddClient(string name) => _cluster.AddNode(name, (SimulatedNode node) => NewEnv(node, "driverClient", ClusterRoles.Driver));

    /// <summary>Submits a driver until a leader has taken it.</summary>
    public async Task<DriverId> SubmitAsync(SimulatedNode client, string name, bool isSupervised, int cores = 1)
    {
        var description = new DriverDescription(
            "file:/app.dll", MemoryMiB: 1, cores, isSupervised, new DriverCommand(name, [], new Dictionary<string, string>(), new Dictionary<string, string>()));
        while (true)
        {
            foreach (var master in Addresses)
            {
                if (await AskAsync<SubmitDriverResponse>(client, master, new RequestSubmitDriver(description)) is { Driver: { } id }) return id;
            }

            await PauseAsync(client);
        }
    }

    /// <summary>Kills a driver: asks until a leader has taken that.</summary>
    public async Task KillAsync(SimulatedNode client, DriverId driver)
    {
        while (true)
        {
            foreach (var master in Addresses)
            {
                var answer = await AskAsync<KillDriverResponse>(client, master, new RequestKillDriver(driver));
                if (answer is not null && !answer.Message.StartsWith(NotAlive.Prefix, StringComparison.Ordinal)) return;
            }

            await PauseAsync(client);
        }
    }

    /// <summary>The state of the cluster, by its leader; waits for one.</summary>
    public async Task<MasterStateResponse> StateAsync(SimulatedNode client)
    {
        while (true)
        {
            foreach (var master in Addresses)
            {
                if (await AskAsync<MasterStateResponse>(client, master, new RequestMasterState()) is { Status: MasterStatus.Alive } state) return state;
            }

            await PauseAsync(client);
        }
    }

    private static async Task<T?> AskAsync<T>(SimulatedNode client, RpcAddress master, object message) where T : class
    {
        try
        {
            return await client.Env.RefTo(new RpcEndpointAddress(master, "Master")).AskAsync<T>(message, TimeSpan.FromSeconds(2));
        }
        catch (SparkException)
        {
            return null; // the next one, or later
        }
    }

    private static Task PauseAsync(SimulatedNode client)
    {
        var over = new TaskCompletionSource();
        client.Env.Time.CreateTimer(_ => over.TrySetResult(), null, TimeSpan.FromMilliseconds(200), Timeout.InfiniteTimeSpan);
        return over.Task;
    }

    private void StartMaster(SimulatedNode node)
    {
        var env = node.EnvFactory.Create(MasterNode.EnvOptions(Options.Conf, Options.LoggerFactory) with { Messages = Options.Messages });
        var recovery = new RecoveryMode(Store.JournalsFor(node, env.Time), Store.ElectionFor(node, env.Time));
        var campaign = recovery.Election.CampaignAsync(node.Name);
        MasterCandidate.Start(env, _masterOptions, recovery, campaign, _ => Exit(node));
    }

    private SimulatedMachine AddMachine(SimulatedNode node)
    {
        var machine = new SimulatedMachine(_cluster, node, CoresPerWorker);
        Machines.Add(machine);
        return machine;
    }

    private void StartWorker(SimulatedNode node, SimulatedMachine machine)
    {
        machine.Clear();
        var env = NewEnv(node, Sparkish.Deploy.Worker.Worker.EnvName, ClusterRoles.Worker, Watch.LogsOf(node));
        machine.Env = () => env;
        var options = WorkerOptions.From(Options.Conf, Addresses, CoresPerWorker, memoryMiB: 1024, jitter: 0.5);
        env.SetupEndpoint(Sparkish.Deploy.Worker.Worker.EndpointName,
            new Sparkish.Deploy.Worker.Worker(options, machine, new Keyring(), _ => Exit(node), machine));
    }

    private static RpcEnv NewEnv(SimulatedNode node, string name, string role, ILoggerFactory? logs = null) => node.EnvFactory.Create(
        new RpcEnvOptions(name, Options.Conf, Options.Messages) { Roles = [role], LoggerFactory = logs ?? NullLoggerFactory.Instance });

    private void Exit(SimulatedNode node)
    {
        var start = node.Starts;
        _cluster.Schedule(TimeSpan.Zero, () =>
        {
            if (node.Starts != start || !node.IsRunning) return;
            node.Crash();
            _cluster.Schedule(TimeSpan.FromSeconds(1), () =>
            {
                if (node.Starts == start && !node.IsRunning) node.Start();
            });
        });
    }
}
