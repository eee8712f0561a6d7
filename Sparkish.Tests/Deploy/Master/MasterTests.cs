using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy;
using Sparkish.Deploy.Master;
using Sparkish.Rpc;
using ApplicationId = Sparkish.Deploy.ApplicationId;

namespace Sparkish.Tests.Deploy.Master;

internal sealed partial class MasterTests
{
    private static readonly WorkerId WorkerOne = new("worker-1");
    private static readonly WorkerId WorkerTwo = new("worker-2");

    [Test]
    public async Task An_application_gets_executors_and_hears_of_them()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var client = new Probe("AppClient");
        Register(worker, master, WorkerOne);
        await worker.ExpectAsync<RegisteredWorker>();

        var app = await RegisterAsync(client, master);

        var launch = await worker.ExpectAsync<LaunchExecutor>();
        var added = await client.ExpectAsync<ExecutorAdded>();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(app.App.Value, Does.Match("^app-[0-9]{14}-0000$"));
            Assert.That(launch, Is.EqualTo(
                new LaunchExecutor(master.Address.ToSparkUrl(), app.App, 0, Wishes(), 4, 1024, app.Secret) { Epoch = app.Epoch }).UsingPropertiesComparer());
            Assert.That(added, Is.EqualTo(new ExecutorAdded(0, WorkerOne, worker.Env.Address.ToString(), 4, 1024)));
        }
    }

    [Test]
    public async Task An_application_that_waits_gets_executors_when_a_worker_comes()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var client = new Probe("AppClient");
        await RegisterAsync(client, master);

        Register(worker, master, WorkerOne);

        await client.ExpectAsync<ExecutorAdded>();
    }

    [Test]
    public async Task Changes_reach_the_application_and_an_executor_that_ended_is_replaced()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var client = new Probe("AppClient");
        Register(worker, master, WorkerOne);
        var app = await RegisterAsync(client, master);
        await client.ExpectAsync<ExecutorAdded>();

        var taken = await ReportAsync(worker, master, app.App, 0, ExecutorState.Running, null);
        await ReportAsync(worker, master, app.App, 0, ExecutorState.Exited, 137);

        var running = await client.ExpectAsync<ExecutorUpdated>();
        var exited = await client.ExpectAsync<ExecutorUpdated>();
        var replacement = await client.ExpectAsync<ExecutorAdded>();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(taken, Is.True);
            Assert.That(running.State, Is.EqualTo(ExecutorState.Running));
            Assert.That((exited.State, exited.ExitStatus, exited.WorkerHost), Is.EqualTo((ExecutorState.Exited, (int?)137, (string?)null)));
            Assert.That(replacement.Executor, Is.EqualTo(1));
        }
    }

    [Test]
    public async Task An_application_whose_executors_only_fail_is_given_up()
    {
        await using var master = Start(("spark.deploy.maxExecutorRetries", "2"));
        await using var worker = new Probe("Worker");
        await using var client = new Probe("AppClient");
        Register(worker, master, WorkerOne);
        var app = await RegisterAsync(client, master);

        await worker.FishAsync<LaunchExecutor>();
        await ReportAsync(worker, master, app.App, 0, ExecutorState.Exited, 1);
        await worker.FishAsync<LaunchExecutor>();
        await ReportAsync(worker, master, app.App, 1, ExecutorState.Exited, 1);

        var removed = await client.FishAsync<ApplicationRemoved>();
        Assert.That(removed.Message, Does.StartWith("Failed: 2 executors in a row ended without success"));
    }

    [Test]
    public async Task A_worker_that_cannot_run_executors_does_not_end_an_application_that_another_serves()
    {
        await using var master = Start(("spark.deploy.maxExecutorRetries", "1"));
        await using var bad = new Probe("Worker");
        await using var good = new Probe("Worker");
        await using var client = new Probe("AppClient");
        Register(bad, master, WorkerOne);
        Register(good, master, WorkerTwo);
        await bad.ExpectAsync<RegisteredWorker>();
        await good.ExpectAsync<RegisteredWorker>();
        var app = await RegisterAsync(client, master);
        var first = await bad.ExpectAsync<LaunchExecutor>();
        await good.ExpectAsync<LaunchExecutor>();

        await TellAsync(bad, master, new ExecutorStateChanged(WorkerOne, app.App, first.Executor, ExecutorState.Failed, "Access to the path is denied", null));
        var second = await bad.ExpectAsync<LaunchExecutor>();
        await TellAsync(bad, master, new ExecutorStateChanged(WorkerOne, app.App, second.Executor, ExecutorState.Failed, "Access to the path is denied", null));

        var third = await bad.ExpectAsync<LaunchExecutor>();
        Assert.That(third.Executor, Is.EqualTo(3), "the application goes on, and the worker is tried again");
    }

    [Test]
    public async Task Trouble_of_a_running_executor_reaches_the_application()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var client = new Probe("AppClient");
        Register(worker, master, WorkerOne);
        var app = await RegisterAsync(client, master);
        await worker.FishAsync<LaunchExecutor>();
        await ReportAsync(worker, master, app.App, 0, ExecutorState.Running, null);
        await client.FishAsync<ExecutorUpdated>();

        await TellAsync(worker, master, new ExecutorStateChanged(WorkerOne, app.App, 0, ExecutorState.Running, "stdout cannot be written", null));

        var troubled = await client.FishAsync<ExecutorUpdated>();
        Assert.That((troubled.State, troubled.Message), Is.EqualTo((ExecutorState.Running, "stdout cannot be written")));
    }

    [Test]
    public async Task An_application_that_signs_off_has_its_executors_killed()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var client = new Probe("AppClient");
        Register(worker, master, WorkerOne);
        var app = await RegisterAsync(client, master);
        await worker.FishAsync<LaunchExecutor>();

        var gone = await client.To(master.Address, "Master").AskAsync<bool>(new UnregisterApplication(app.App));

        var kill = await worker.ExpectAsync<KillExecutor>();
        var finished = await worker.ExpectAsync<ApplicationFinished>();
        Assert.That((gone, kill.App, kill.Executor, finished.App), Is.EqualTo((true, app.App, 0, app.App)));
    }

    [Test]
    public async Task A_driver_that_goes_away_has_its_executors_killed()
    {
        await using var master = Start(("spark.worker.timeout", "10s"));
        await using var worker = new Probe("Worker");
        await using var client = new Probe("AppClient");
        Register(worker, master, WorkerOne);
        var app = await RegisterAsync(client, master);
        await worker.FishAsync<LaunchExecutor>();

        await client.DisposeAsync();

        Assert.That((await worker.ExpectAsync<KillExecutor>()).App, Is.EqualTo(app.App));
    }

    [Test]
    public async Task Cores_are_free_again_only_after_the_executor_ended()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var first = new Probe("AppClient");
        await using var second = new Probe("AppClient");
        Register(worker, master, WorkerOne);
        var app = await RegisterAsync(first, master);
        var next = await RegisterAsync(second, master);
        await first.To(master.Address, "Master").AskAsync<bool>(new UnregisterApplication(app.App));

        await ReportAsync(worker, master, app.App, 0, ExecutorState.Killed, 0);

        await worker.FishAsync<KillExecutor>();
        await worker.ExpectAsync<ApplicationFinished>();
        Assert.That((await worker.ExpectAsync<LaunchExecutor>()).App, Is.EqualTo(next.App));
    }

    [Test]
    public async Task An_application_that_wants_executors_of_nothing_is_refused_and_the_master_goes_on()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var client = new Probe("AppClient");
        Register(worker, master, WorkerOne);
        await worker.ExpectAsync<RegisteredWorker>();

        client.To(master.Address, "Master").Send(new RegisterApplication(Descriptions.Of(coresPerExecutor: 0, memoryMiB: 0), client.Ref));
        var refused = await client.ExpectAsync<ApplicationRemoved>();
        var unregistered = await client.To(master.Address, "Master").AskAsync<bool>(new UnregisterApplication(new ApplicationId("app-none")));

        Assert.That(refused.Message, Is.EqualTo("Refused: CoresPerExecutor is 0 but must be from 1 to 65536"));
        Assert.That(unregistered, Is.True);
    }

    [Test]
    public async Task An_ask_with_a_bad_id_fails_with_the_reason()
    {
        await using var master = Start();
        await using var client = new Probe("AppClient");

        Assert.That(async () => await client.To(master.Address, "Master").AskAsync<bool>(new UnregisterApplication(new ApplicationId("../etc"))),
            Throws.InstanceOf<SparkException>().With.Message.Contain("Refused UnregisterApplication: ApplicationId is '../etc'"));
    }

    [Test]
    public async Task An_application_is_ended_by_its_own_driver_alone()
    {
        await using var master = Start();
        await using var client = new Probe("AppClient");
        await using var other = new Probe("AppClient");
        var app = await RegisterAsync(client, master);

        Assert.That(async () => await other.To(master.Address, "Master").AskAsync<bool>(new UnregisterApplication(app.App)),
            Throws.TypeOf<RpcRemoteException>().With.Message.Contains("only its own driver may end it"));

        Assert.That(await RegisterAsync(client, master), Is.EqualTo(app).UsingPropertiesComparer(), "it is still there, and has the same id");
    }

    [Test]
    public async Task An_application_that_registers_again_with_the_next_leader_is_told_its_id()
    {
        using var directory = new TemporaryDirectory();
        (string, string)[] journal = [("spark.deploy.recoveryMode", "FILESYSTEM"), ("spark.deploy.recoveryDirectory", directory.Path)];
        await using var client = new Probe("AppClient");
        RegisteredApplication app;
        await using (var first = Start(journal)) app = await RegisterAsync(client, first);
        await using var next = Start(journal);

        client.To(next.Address, "Master").Send(new RegisterApplication(Wishes(), client.Ref));

        // The announcement to all applications of the journal tells none: another one may be at this address now.
        var told = await client.FishAsync<MasterChanged>();
        while (told.App is null) told = await client.FishAsync<MasterChanged>();
        Assert.That(told.App, Is.EqualTo(app.App));
    }

    private static MasterNode Start(params (string Key, string Value)[] settings)
    {
        // The probes that play workers send no heartbeats.
        var conf = new SparkConf(loadDefaults: false).Set("spark.worker.timeout", "10min");
        foreach (var (key, value) in settings) conf.Set(key, value);
        return MasterNode.Start(TestedEnv.Factory, conf, "127.0.0.1", port: 0, NullLoggerFactory.Instance);
    }

    private static void Register(Probe worker, MasterNode master, WorkerId id) => worker.To(master.Address, "Master").Send(
        new RegisterWorker(id, worker.Env.Address.Host, worker.Env.Address.Port, worker.Ref, 4, 4096, master.Address));

    private static async Task<RegisteredApplication> RegisterAsync(Probe client, MasterNode master)
    {
        client.To(master.Address, "Master").Send(new RegisterApplication(Wishes(), client.Ref));
        return await client.ExpectAsync<RegisteredApplication>();
    }

    private static Task<bool> TellAsync(Probe worker, MasterNode master, ExecutorStateChanged change) =>
        worker.To(master.Address, "Master").AskAsync<bool>(change).AsTask();

    private static Task<bool> ReportAsync(Probe worker, MasterNode master, ApplicationId app, int executor, ExecutorState state, int? exitStatus) =>
        TellAsync(worker, master, new ExecutorStateChanged(WorkerOne, app, executor, state, null, exitStatus));

    private static ApplicationDescription Wishes() => Descriptions.Of();
}
