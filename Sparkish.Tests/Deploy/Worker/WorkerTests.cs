using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy;
using Sparkish.Deploy.Worker;
using Sparkish.Rpc;
using Sparkish.Security;
using Sparkish.Serialization.Messages;
using ApplicationId = Sparkish.Deploy.ApplicationId;

namespace Sparkish.Tests.Deploy.Worker;

internal sealed partial class WorkerTests
{
    private static readonly ApplicationId App = new("app-1");

    [Test]
    public async Task A_worker_registers_and_tells_what_it_runs()
    {
        await using var master = new Probe("Master");
        await using var worker = Start(master, new FakeLauncher());

        var registration = await master.ExpectAsync<RegisterWorker>();
        registration.Worker.Send(new RegisteredWorker(master.Ref, registration.MasterAddress, Duplicate: false));

        var state = await master.ExpectAsync<WorkerLatestState>();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((registration.Cores, registration.MemoryMiB, registration.MasterAddress), Is.EqualTo((2, 2048, master.Env.Address)));
            Assert.That(registration.Worker.Address, Is.EqualTo(worker.Address));
            Assert.That((state.Id, state.Executors.Length), Is.EqualTo((registration.Id, 0)));
        }
    }

    [Test]
    public async Task An_executor_is_launched_and_its_life_reported()
    {
        var launcher = new FakeLauncher();
        await using var master = new Probe("Master");
        await using var worker = Start(master, launcher);
        var self = await RegisterAsync(master);

        self.Send(Launch(master, 0));
        var run = await launcher.ExpectAsync();
        run.Started();
        var running = await master.ExpectAsync<ExecutorStateChanged>();
        run.End(7);
        var exited = await master.ExpectAsync<ExecutorStateChanged>();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Launch.Key, Is.EqualTo(new ExecutorKey(App, 0)));
            Assert.That(run.Launch.WorkerUrl, Is.EqualTo($"spark://Worker@{worker.Address}"));
            Assert.That((running.State, running.Message, running.ExitStatus), Is.EqualTo((ExecutorState.Running, (string?)null, (int?)null)));
            Assert.That((exited.State, exited.Message, exited.ExitStatus), Is.EqualTo((ExecutorState.Exited, "Command exited with code 7", (int?)7)));
        }
    }

    [Test]
    public async Task Output_that_cannot_be_kept_is_reported_while_the_executor_runs()
    {
        var launcher = new FakeLauncher();
        await using var master = new Probe("Master");
        await using var worker = Start(master, launcher);
        var self = await RegisterAsync(master);
        self.Send(Launch(master, 0));
        var run = await launcher.ExpectAsync();
        run.Started();
        await master.ExpectAsync<ExecutorStateChanged>();

        run.LoseOutput("No space left on device");

        var change = await master.ExpectAsync<ExecutorStateChanged>();
        Assert.That((change.State, change.Message), Is.EqualTo((ExecutorState.Running, "No space left on device")));
    }

    [Test]
    public async Task A_status_of_failure_comes_with_the_file_to_read()
    {
        var launcher = new FakeLauncher { OutputDirectory = "/srv/app-1/0" };
        await using var master = new Probe("Master");
        await using var worker = Start(master, launcher);
        var self = await RegisterAsync(master);
        self.Send(Launch(master, 0));
        var run = await launcher.ExpectAsync();

        run.End(134);

        var exited = await master.ExpectAsync<ExecutorStateChanged>();
        Assert.That(exited.Message, Is.EqualTo($"Command exited with code 134; see {Path.Combine("/srv/app-1/0", "stderr")} on {worker.Address.Host}"));
    }

    [Test]
    public async Task A_killed_executor_is_reported_as_killed()
    {
        var launcher = new FakeLauncher();
        await using var master = new Probe("Master");
        await using var worker = Start(master, launcher);
        var self = await RegisterAsync(master);
        self.Send(Launch(master, 0));
        var run = await launcher.ExpectAsync();

        self.Send(new KillExecutor(master.Env.Address.ToSparkUrl(), App, 0));

        await run.Completion.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That((await master.ExpectAsync<ExecutorStateChanged>()).State, Is.EqualTo(ExecutorState.Killed));
    }

    [Test]
    public async Task An_executor_that_cannot_start_is_reported_as_failed()
    {
        var launcher = new FakeLauncher();
        await using var master = new Probe("Master");
        await using var worker = Start(master, launcher);
        var self = await RegisterAsync(master);
        self.Send(Launch(master, 0));

        (await launcher.ExpectAsync()).Fail(new IOException("disk full"));

        var failed = await master.ExpectAsync<ExecutorStateChanged>();
        Assert.That((failed.State, failed.Message), Is.EqualTo((ExecutorState.Failed, "Error running executor: disk full")));
    }

    [Test]
    public async Task The_kill_of_an_unknown_executor_is_answered_so_that_its_cores_become_free()
    {
        await using var master = new Probe("Master");
        await using var worker = Start(master, new FakeLauncher());
        var self = await RegisterAsync(master);

        self.Send(new KillExecutor(master.Env.Address.ToSparkUrl(), App, 9));

        var killed = await master.ExpectAsync<ExecutorStateChanged>();
        Assert.That((killed.Executor, killed.State), Is.EqualTo((9, ExecutorState.Killed)));
    }

    [Test]
    public async Task Commands_of_another_master_are_ignored()
    {
        var launcher = new FakeLauncher();
        await using var master = new Probe("Master");
        await using var worker = Start(master, launcher);
        var self = await RegisterAsync(master);

        self.Send(Launch(master, 0) with { MasterUrl = "spark://elsewhere:1" });
        self.Send(Launch(master, 1));

        Assert.That((await launcher.ExpectAsync()).Launch.Key.Number, Is.EqualTo(1));
    }

    [Test]
    public async Task Commands_of_a_master_that_the_worker_did_not_dial_are_ignored()
    {
        var launcher = new FakeLauncher();
        await using var master = new Probe("Master");
        await using var worker = Start(master, launcher);
        var self = await RegisterAsync(master);
        await using var stranger = new Probe("Master");
        var there = stranger.To(worker.Address, "Worker");

        there.Send(new RegisteredWorker(stranger.Ref, stranger.Env.Address, Duplicate: false));
        there.Send(Launch(master, 0));
        there.Send(new ApplicationFinished(App));
        await stranger.Env.SetupEndpointRefAsync(new RpcEndpointAddress(worker.Address, "Worker")); // what was sent before has arrived
        self.Send(Launch(master, 1));

        var run = await launcher.ExpectAsync();
        Assert.That((run.Launch.Key.Number, run.Completion.IsCompleted), Is.EqualTo((1, false)));
    }

    [Test]
    public async Task Commands_of_an_earlier_term_are_refused()
    {
        var launcher = new FakeLauncher();
        await using var master = new Probe("Master");
        await using var worker = Start(master, launcher);
        var registration = await master.ExpectAsync<RegisterWorker>();
        var self = registration.Worker;
        self.Send(new RegisteredWorker(master.Ref, registration.MasterAddress, Duplicate: false) { Epoch = new MasterEpoch(1, 5) });
        await master.ExpectAsync<WorkerLatestState>();

        self.Send(Launch(master, 0) with { Epoch = new MasterEpoch(1, 4) });
        self.Send(new MasterChanged(master.Ref) { Epoch = new MasterEpoch(1, 4) });
        self.Send(new MasterChanged(master.Ref) { Epoch = new MasterEpoch(2, 9) });
        self.Send(Launch(master, 1) with { Epoch = new MasterEpoch(1, 5) });

        Assert.That((await launcher.ExpectAsync()).Launch.Key.Number, Is.EqualTo(1));
    }

    [Test]
    public async Task A_worker_offers_its_resources_and_gives_an_executor_those_that_the_master_chose()
    {
        var launcher = new FakeLauncher();
        ResourceInformation[] offered = [new("gpu", ["0", "1"])];
        await using var master = new Probe("Master");
        await using var worker = Start([master.Env.Address], launcher, offered);
        var registration = await master.ExpectAsync<RegisterWorker>();
        registration.Worker.Send(new RegisteredWorker(master.Ref, registration.MasterAddress, Duplicate: false));
        await master.ExpectAsync<WorkerLatestState>();

        registration.Worker.Send(Launch(master, 0) with { Resources = [new("gpu", ["1"])] });

        var run = await launcher.ExpectAsync();
        Assert.That(registration.Resources!.Single().Addresses, Is.EqualTo(new[] { "0", "1" }));
        Assert.That(run.Launch.Addresses["gpu"], Is.EqualTo(new[] { "1" }));
    }

    [Test]
    public async Task A_worker_that_runs_no_drivers_says_so_and_reports_an_error()
    {
        await using var master = new Probe("Master");
        await using var worker = Start(master, new FakeLauncher());
        var registration = await master.ExpectAsync<RegisterWorker>();
        registration.Worker.Send(new RegisteredWorker(master.Ref, registration.MasterAddress, Duplicate: false));
        await master.ExpectAsync<WorkerLatestState>();

        registration.Worker.Send(new LaunchDriver(new DriverId("driver-1"), new DriverDescription("file:/a.dll", 1, 1, Supervise: false,
            new DriverCommand("Main", [], new Dictionary<string, string>(), new Dictionary<string, string>()))));

        var ended = await master.ExpectAsync<DriverStateChanged>();
        Assert.That((registration.RunsDrivers, ended.State), Is.EqualTo((false, DriverState.Error)));
    }

    [Test]
    public async Task A_worker_that_lost_its_master_registers_again_and_names_what_still_runs()
    {
        var launcher = new FakeLauncher();
        await using var master = new Probe("Master");
        await using var worker = Start(master, launcher);
        var self = await RegisterAsync(master);
        self.Send(Launch(master, 0));
        var run = await launcher.ExpectAsync();

        self.Send(new ReconnectWorker(master.Env.Address.ToSparkUrl()));

        var again = await master.ExpectAsync<RegisterWorker>();
        again.Worker.Send(new RegisteredWorker(master.Ref, again.MasterAddress, Duplicate: false));
        var state = await master.ExpectAsync<WorkerLatestState>();
        run.End(0);
        Assert.That(state.Executors, Is.EqualTo(new[] { new ExecutorDescription(App, 0, 1, 1024, ExecutorState.Launching) }));
    }

    [Test]
    public async Task A_worker_that_the_master_refuses_gives_up()
    {
        await using var master = new Probe("Master");
        await using var worker = Start(master, new FakeLauncher());
        var registration = await master.ExpectAsync<RegisterWorker>();

        registration.Worker.Send(new RegisterWorkerFailed("no room"));

        Assert.That(await worker.GaveUp.WaitAsync(TimeSpan.FromSeconds(20)), Is.EqualTo("The master refused this worker: no room"));
    }

    [Test]
    public async Task A_refusal_that_comes_after_a_master_took_the_worker_changes_nothing()
    {
        await using var master = new Probe("Master");
        await using var worker = Start(master, new FakeLauncher());
        var self = await RegisterAsync(master);

        self.Send(new RegisterWorkerFailed("no room"));
        self.Send(new ReconnectWorker(master.Env.Address.ToSparkUrl()));

        await master.ExpectAsync<RegisterWorker>();
        Assert.That(worker.GaveUp.IsCompleted, Is.False);
    }

    [Test]
    public async Task A_command_that_comes_while_the_worker_registers_again_is_ignored()
    {
        var launcher = new FakeLauncher();
        await using var master = new Probe("Master");
        await using var worker = Start(master, launcher);
        var self = await RegisterAsync(master);

        self.Send(new ReconnectWorker(master.Env.Address.ToSparkUrl()));
        self.Send(Launch(master, 0));
        var again = await master.ExpectAsync<RegisterWorker>();
        again.Worker.Send(new RegisteredWorker(master.Ref, again.MasterAddress, Duplicate: false));
        self.Send(Launch(master, 1));

        Assert.That((await launcher.ExpectAsync()).Launch.Key.Number, Is.EqualTo(1));
    }

    [Test]
    public async Task Disposal_ends_the_executors()
    {
        var launcher = new FakeLauncher();
        await using var master = new Probe("Master");
        var worker = Start(master, launcher);
        var self = await RegisterAsync(master);
        self.Send(Launch(master, 0));
        var run = await launcher.ExpectAsync();

        await worker.DisposeAsync();

        Assert.That(run.Completion.IsCompleted, Is.True);
    }

    [Test]
    public async Task An_executor_does_not_take_the_place_of_a_master_that_is_away()
    {
        var launcher = new FakeLauncher();
        await using var master = new Probe("Master");
        await using var worker = Start(master, launcher);
        var self = await RegisterAsync(master);
        self.Send(Launch(master, 0));
        await launcher.ExpectAsync();
        var keyring = new Keyring();
        keyring.Join(App.Value, Descriptions.Secret.Value, masters: []);
        await master.DisposeAsync();
        await using var impostor = TestedEnv.Factory.Create(new RpcEnvOptions("impostor", new SparkConf(loadDefaults: false), new MessageRegistry())
        {
            Roles = [ClusterRoles.Executor],
            Keyring = keyring,
            AdvertisedHost = master.Env.Address.Host,
            AdvertisedPort = master.Env.Address.Port,
        });

        Assert.That(() => impostor.SetupEndpointRefAsync(new RpcEndpointAddress(worker.Address, "Worker")),
            Throws.TypeOf<RpcConnectionException>().With.Message.Contains($"claims the address {master.Env.Address} of a master"));
    }

    private static WorkerNode Start(Probe master, IExecutorLauncher launcher) => Start([master.Env.Address], launcher);

    private static WorkerNode Start(RpcAddress[] masters, IExecutorLauncher launcher, ResourceInformation[]? resources = null) =>
        WorkerNode.Start(TestedEnv.Factory, new SparkConf(loadDefaults: false), "127.0.0.1", 0, NullLoggerFactory.Instance,
            new WorkerOptions(masters, 2, 2048) { Resources = resources }, launcher);

    private static async Task<RpcEndpointRef> RegisterAsync(Probe master)
    {
        var registration = await master.ExpectAsync<RegisterWorker>();
        registration.Worker.Send(new RegisteredWorker(master.Ref, registration.MasterAddress, Duplicate: false));
        await master.ExpectAsync<WorkerLatestState>();
        return registration.Worker;
    }

    private static LaunchExecutor Launch(Probe master, int executor) => new(master.Env.Address.ToSparkUrl(), App, executor,
        Descriptions.Of(), 1, 1024, Descriptions.Secret);

    private sealed class FakeLauncher : IExecutorLauncher
    {
        private readonly Channel<FakeRun> _runs = Channel.CreateUnbounded<FakeRun>();
        private readonly RunningExecutors _running = new();

        public string? OutputDirectory { get; init; }

        public IExecutorRun Launch(ExecutorLaunch launch, Action onStarted)
        {
            var run = new FakeRun(launch, onStarted) { OutputDirectory = OutputDirectory };
            _runs.Writer.TryWrite(run);
            return _running.Add(run);
        }

        public Task<FakeRun> ExpectAsync() => _runs.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

        public ValueTask DisposeAsync() => new(_running.StopAsync());
    }

    private sealed class FakeRun(ExecutorLaunch launch, Action started) : IExecutorRun
    {
        // Its continuation runs at once, so that the worker hears of an end before it hears of anything that the test sends afterwards.
        private readonly TaskCompletionSource<int> _completion = new();
        private readonly TaskCompletionSource<string> _outputLost = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ExecutorLaunch Launch => launch;

        public Task<int> Completion => _completion.Task;

        public string? OutputDirectory { get; init; }

        public Task<string> OutputLost => _outputLost.Task;

        public void LoseOutput(string reason) => _outputLost.TrySetResult(reason);

        public void Started() => started();

        public void End(int exitStatus) => _completion.TrySetResult(exitStatus);

        public void Fail(Exception error) => _completion.TrySetException(error);

        public void Kill() => _completion.TrySetResult(143);
    }
}
