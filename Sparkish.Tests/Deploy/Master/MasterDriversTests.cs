using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy;
using Sparkish.Deploy.Master;
using Sparkish.Deploy.Uploads;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;
using Sparkish.Tests.Security;
using ApplicationId = Sparkish.Deploy.ApplicationId;

namespace Sparkish.Tests.Deploy.Master;

/// <summary>Submissions of drivers, and what tools ask a master.</summary>
internal sealed class MasterDriversTests
{
    private static readonly WorkerId Worker = new("worker-1");

    [Test]
    public async Task A_submitted_driver_is_launched_and_its_state_told_until_it_has_ended()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var client = new Probe("driver");
        Register(worker, master);
        await worker.ExpectAsync<RegisteredWorker>();

        var submitted = await AskAsync<SubmitDriverResponse>(client, master, new RequestSubmitDriver(Submission()));
        var launch = await worker.ExpectAsync<LaunchDriver>();
        var running = await AskAsync<DriverStatusResponse>(client, master, new RequestDriverStatus(launch.Driver));
        await worker.To(master.Address, "Master").AskAsync<bool>(new DriverStateChanged(Worker, launch.Driver, DriverState.Failed, "exit 3"));
        var ended = await AskAsync<DriverStatusResponse>(client, master, new RequestDriverStatus(launch.Driver));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((submitted.Success, submitted.Driver), Is.EqualTo((true, (DriverId?)launch.Driver)));
            Assert.That(launch.Driver.Value, Does.Match("^driver-[0-9]{14}-0000$"));
            Assert.That((running.Found, running.State, running.Worker), Is.EqualTo((true, (DriverState?)DriverState.Running, (WorkerId?)Worker)));
            Assert.That((ended.Found, ended.State, ended.Message), Is.EqualTo((true, (DriverState?)DriverState.Failed, "exit 3")));
        }
    }

    [Test]
    public async Task A_waiting_driver_is_killed_at_once_and_a_running_one_by_its_worker()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var client = new Probe("driver");
        var waiting = (await AskAsync<SubmitDriverResponse>(client, master, new RequestSubmitDriver(Submission()))).Driver!.Value;
        var killed = await AskAsync<KillDriverResponse>(client, master, new RequestKillDriver(waiting));
        var again = await AskAsync<KillDriverResponse>(client, master, new RequestKillDriver(waiting));
        Register(worker, master);
        await worker.ExpectAsync<RegisteredWorker>();
        var running = (await AskAsync<SubmitDriverResponse>(client, master, new RequestSubmitDriver(Submission()))).Driver!.Value;
        await worker.ExpectAsync<LaunchDriver>();

        await AskAsync<KillDriverResponse>(client, master, new RequestKillDriver(running));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((killed.Success, again.Success), Is.EqualTo((true, false)));
            Assert.That((await worker.ExpectAsync<KillDriver>()).Driver, Is.EqualTo(running));
            Assert.That((await AskAsync<DriverStatusResponse>(client, master, new RequestDriverStatus(waiting))).State, Is.EqualTo(DriverState.Killed));
        }
    }

    [Test]
    public async Task Drivers_come_before_executors()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var client = new Probe("AppClient");
        client.To(master.Address, "Master").Send(new RegisterApplication(Descriptions.Of(), client.Ref));
        await client.ExpectAsync<RegisteredApplication>();
        await AskAsync<SubmitDriverResponse>(client, master, new RequestSubmitDriver(Submission()));

        Register(worker, master);

        await worker.ExpectAsync<RegisteredWorker>();
        await worker.ExpectAsync<LaunchDriver>();
        Assert.That((await worker.ExpectAsync<LaunchExecutor>()).Cores, Is.EqualTo(3));
    }

    [Test]
    public async Task No_more_drivers_run_than_the_limit()
    {
        await using var master = Start(("spark.deploy.maxDrivers", "1"));
        await using var worker = new Probe("Worker");
        await using var client = new Probe("driver");
        Register(worker, master);
        await worker.ExpectAsync<RegisteredWorker>();
        await AskAsync<SubmitDriverResponse>(client, master, new RequestSubmitDriver(Submission()));
        await AskAsync<SubmitDriverResponse>(client, master, new RequestSubmitDriver(Submission()));
        var first = await worker.ExpectAsync<LaunchDriver>();

        var state = await AskAsync<MasterStateResponse>(client, master, new RequestMasterState());
        await worker.To(master.Address, "Master").AskAsync<bool>(new DriverStateChanged(Worker, first.Driver, DriverState.Finished, null));

        Assert.That(state.ActiveDrivers.Select(driver => driver.State), Is.EqualTo(new[] { DriverState.Running, DriverState.Submitted }));
        await worker.ExpectAsync<LaunchDriver>();
    }

    [Test]
    public async Task A_worker_that_runs_no_drivers_gets_none()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var client = new Probe("AppClient");
        Register(worker, master, runsDrivers: false);
        await worker.ExpectAsync<RegisteredWorker>();
        await AskAsync<SubmitDriverResponse>(client, master, new RequestSubmitDriver(Submission()));

        client.To(master.Address, "Master").Send(new RegisterApplication(Descriptions.Of(), client.Ref));

        Assert.That((await worker.ExpectAsync<LaunchExecutor>()).Cores, Is.EqualTo(4));
    }

    [Test]
    public async Task A_decommissioned_host_gets_nothing_new_and_applications_hear_of_it()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var client = new Probe("AppClient");
        await using var admin = new Probe("driver");
        Register(worker, master);
        await worker.ExpectAsync<RegisteredWorker>();
        client.To(master.Address, "Master").Send(new RegisterApplication(Descriptions.Of(), client.Ref));
        await worker.ExpectAsync<LaunchExecutor>();

        var count = await admin.To(master.Address, "Master").AskAsync<int>(new DecommissionWorkersOnHosts([worker.Env.Address.Host.ToUpperInvariant()]));

        var told = await client.FishAsync<ExecutorUpdated>();
        await worker.ExpectAsync<DecommissionWorker>();
        Assert.That((count, told.State, told.WorkerHost), Is.EqualTo((1, ExecutorState.Decommissioned, worker.Env.Address.Host)));
    }

    [Test]
    public async Task Requested_executors_are_limited_and_those_given_back_are_killed()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var client = new Probe("AppClient");
        Register(worker, master);
        await worker.ExpectAsync<RegisteredWorker>();
        client.To(master.Address, "Master").Send(
            new RegisterApplication(Descriptions.Of(coresPerExecutor: 1, memoryMiB: 1) with { InitialExecutorLimit = 0 }, client.Ref));
        var app = (await client.ExpectAsync<RegisteredApplication>()).App;

        var requested = await client.To(master.Address, "Master").AskAsync<bool>(new RequestExecutors(app, 2));
        var (first, second) = (await client.ExpectAsync<ExecutorAdded>(), await client.ExpectAsync<ExecutorAdded>());
        await client.To(master.Address, "Master").AskAsync<bool>(new RequestExecutors(app, 1));
        var killed = await client.To(master.Address, "Master").AskAsync<bool>(new KillExecutors(app, [1, 1, 99]));
        var unknown = await client.To(master.Address, "Master").AskAsync<bool>(new RequestExecutors(new ApplicationId("app-none"), 1));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((requested, killed, unknown), Is.EqualTo((true, true, false)));
            Assert.That((first.Executor, second.Executor), Is.EqualTo((0, 1)));
            Assert.That((await worker.FishAsync<KillExecutor>()).Executor, Is.EqualTo(1));
        }
    }

    [Test]
    public async Task The_history_is_bounded_and_can_be_cleared()
    {
        await using var master = Start(("spark.deploy.retainedDrivers", "3"));
        await using var client = new Probe("driver");
        for (var i = 0; i < 6; i++)
        {
            var id = (await AskAsync<SubmitDriverResponse>(client, master, new RequestSubmitDriver(Submission()))).Driver!.Value;
            await AskAsync<KillDriverResponse>(client, master, new RequestKillDriver(id));
        }

        var before = await AskAsync<MasterStateResponse>(client, master, new RequestMasterState());
        await client.To(master.Address, "Master").AskAsync<bool>(new RequestClearCompletedDriversAndApps());
        var after = await AskAsync<MasterStateResponse>(client, master, new RequestMasterState());

        Assert.That(before.CompletedDrivers.Select(driver => driver.Id.Value[^1]), Is.EqualTo("345"));
        Assert.That(after.CompletedDrivers, Is.Empty);
    }

    [Test]
    public async Task Two_thousand_applications_one_after_the_other_leave_a_bounded_history()
    {
        await using var master = Start();
        await using var client = new Probe("AppClient");
        for (var i = 0; i < 2_000; i++)
        {
            client.To(master.Address, "Master").Send(new RegisterApplication(Descriptions.Of(), client.Ref));
            var app = (await client.ExpectAsync<RegisteredApplication>()).App;
            await client.To(master.Address, "Master").AskAsync<bool>(new UnregisterApplication(app));
        }

        var state = await AskAsync<MasterStateResponse>(client, master, new RequestMasterState());

        Assert.That(state.ActiveApplications, Is.Empty);
        Assert.That(state.CompletedApplications, Has.Length.InRange(180, 200));
        Assert.That(state.CompletedApplications[^1].Id.Value, Does.EndWith("-1999"));
    }

    [Test]
    public void A_worker_timeout_that_is_too_short_is_refused_at_the_start() => Assert.That(() => Start(("spark.worker.timeout", "20ms")),
        Throws.InstanceOf<SparkException>().With.Message.Contain("spark.worker.timeout is '20ms' but must be at least 1 s"));

    [Test]
    public async Task A_submission_with_more_text_than_a_master_keeps_is_refused()
    {
        await using var master = Start();
        await using var client = new Probe("driver");
        var large = Submission() with { Command = Submission().Command with { Arguments = [new string('x', DeployRules.MaxDescriptionChars + 1)] } };

        Assert.That(async () => await AskAsync<SubmitDriverResponse>(client, master, new RequestSubmitDriver(large)),
            Throws.InstanceOf<SparkException>().With.Message.Contain("Characters"));
    }

    [Test]
    public async Task A_standby_says_that_it_does_not_lead()
    {
        await using var probe = new Probe("Master");
        var standby = probe.Env.SetupEndpoint("standby", new StandbyMaster());

        var submitted = await standby.AskAsync<SubmitDriverResponse>(new RequestSubmitDriver(Submission()));
        var ready = await standby.AskAsync<bool>(new RequestReadyz());

        Assert.That((submitted.Success, submitted.Message, ready),
            Is.EqualTo((false, "Current state is not alive: STANDBY. Can only accept driver submissions in ALIVE state.", false)));
    }

    [Test]
    public async Task A_standby_that_is_asked_for_needed_packages_says_that_it_does_not_lead()
    {
        var log = new RecordedLog();
        await using var env = TestedEnv.Factory.Create(
            new RpcEnvOptions("sparkMaster", new SparkConf(loadDefaults: false), DeployMessages.Register(new MessageRegistry())) { LoggerFactory = log });
        var standby = env.SetupEndpoint("standby", new StandbyMaster());

        Assert.That(async () => await standby.AskAsync<string[]>(new RequestNeededPackages()),
            Throws.TypeOf<SparkException>().With.Message.StartsWith("Current state is not alive: STANDBY"));
        Assert.That(log.Warnings, Is.Zero, "it is asked every few seconds");
    }

    [Test]
    public async Task A_worker_that_registers_at_a_standby_is_told_so()
    {
        await using var probe = new Probe("Master");
        await using var worker = new Probe("Worker");
        probe.Env.SetupEndpoint("standby", new StandbyMaster());

        worker.To(probe.Env.Address, "standby").Send(
            new RegisterWorker(Worker, worker.Env.Address.Host, worker.Env.Address.Port, worker.Ref, 4, 4096, probe.Env.Address));

        await worker.ExpectAsync<MasterInStandby>();
    }

    private static DriverDescription Submission() => new("file:/app.dll", 1, 1, Supervise: false,
        new DriverCommand("Main", [], new Dictionary<string, string>(), new Dictionary<string, string>()));

    private static Task<T> AskAsync<T>(Probe asker, MasterNode master, object message) => asker.To(master.Address, "Master").AskAsync<T>(message).AsTask();

    private static void Register(Probe worker, MasterNode master, bool runsDrivers = true) => worker.To(master.Address, "Master").Send(
        new RegisterWorker(Worker, worker.Env.Address.Host, worker.Env.Address.Port, worker.Ref, 4, 4096, master.Address) { RunsDrivers = runsDrivers });

    private static MasterNode Start(params (string Key, string Value)[] settings)
    {
        var conf = new SparkConf(loadDefaults: false).Set("spark.worker.timeout", "10min");
        foreach (var (key, value) in settings) conf.Set(key, value);
        return MasterNode.Start(TestedEnv.Factory, conf, "127.0.0.1", port: 0, NullLoggerFactory.Instance);
    }
}
