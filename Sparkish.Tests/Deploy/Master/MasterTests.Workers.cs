using Sparkish.Deploy;
using Sparkish.Rpc;
using ApplicationId = Sparkish.Deploy.ApplicationId;

namespace Sparkish.Tests.Deploy.Master;

/// <content>Workers: their registration, what they run, and their end.</content>
internal sealed partial class MasterTests
{
    [Test]
    public async Task A_worker_is_taken_and_a_second_registration_is_a_duplicate()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");

        Register(worker, master, WorkerOne);
        var first = await worker.ExpectAsync<RegisteredWorker>();
        Register(worker, master, WorkerOne);
        var second = await worker.ExpectAsync<RegisteredWorker>();

        Assert.That((first.Duplicate, second.Duplicate, first.MasterAddress), Is.EqualTo((false, true, master.Address)));
    }

    [Test]
    public async Task A_lost_worker_is_told_to_the_application_with_its_executors()
    {
        await using var master = Start(("spark.worker.timeout", "10s"));
        await using var worker = new Probe("Worker");
        await using var client = new Probe("AppClient");
        Register(worker, master, WorkerOne);
        await RegisterAsync(client, master);
        await client.ExpectAsync<ExecutorAdded>();

        await worker.DisposeAsync();

        var lost = await client.ExpectAsync<ExecutorUpdated>();
        var removed = await client.ExpectAsync<WorkerRemoved>();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((lost.Executor, lost.State, lost.ExitStatus, lost.WorkerHost), Is.EqualTo((0, ExecutorState.Lost, (int?)null, "127.0.0.1")));
            Assert.That(lost.Message, Is.EqualTo($"worker lost: {worker.Env.Address} got disassociated"));
            Assert.That(removed.Worker, Is.EqualTo(WorkerOne));
        }
    }

    [Test]
    public async Task What_a_worker_runs_that_nobody_knows_is_killed()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        Register(worker, master, WorkerOne);
        await worker.ExpectAsync<RegisteredWorker>();
        var ghost = new ExecutorDescription(new ApplicationId("app-ghost"), 3, 1, 1024, ExecutorState.Running);

        worker.To(master.Address, "Master").Send(new WorkerLatestState(WorkerOne, worker.Ref, [ghost]));

        var kill = await worker.ExpectAsync<KillExecutor>();
        Assert.That((kill.App, kill.Executor), Is.EqualTo((ghost.App, 3)));
    }

    [Test]
    public async Task A_worker_that_nobody_knows_is_told_to_register()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");

        worker.To(master.Address, "Master").Send(new WorkerLatestState(WorkerOne, worker.Ref, []));

        Assert.That((await worker.ExpectAsync<ReconnectWorker>()).MasterUrl, Is.EqualTo(master.Address.ToSparkUrl()));
    }

    [Test]
    public async Task What_a_returning_worker_still_runs_occupies_its_cores_until_it_has_ended()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var client = new Probe("AppClient");
        var (old, driver) = (new ApplicationId("app-old"), new DriverId("driver-old"));
        worker.To(master.Address, "Master").Send(
            new RegisterWorker(WorkerOne, worker.Env.Address.Host, worker.Env.Address.Port, worker.Ref, 4, 4096, master.Address)
            {
                Executors = [new OccupiedByExecutor(old, 0, 2, 1, null)],
                Drivers = [new OccupiedByDriver(driver, 1, 1, null)],
            });
        var registered = await worker.ExpectAsync<RegisteredWorker>();
        var running = new ExecutorDescription(old, 0, 2, 1, ExecutorState.Running);
        worker.To(master.Address, "Master").Send(new WorkerLatestState(WorkerOne, worker.Ref, [running]) { Drivers = [driver], Inquiry = registered.Inquiry });
        await worker.ExpectAsync<KillExecutor>();
        await worker.ExpectAsync<KillDriver>();

        client.To(master.Address, "Master").Send(new RegisterApplication(Descriptions.Of(coresPerExecutor: 1, memoryMiB: 1), client.Ref));
        var first = await worker.ExpectAsync<LaunchExecutor>();
        await ReportAsync(worker, master, old, 0, ExecutorState.Killed, 143);
        var others = new[] { await worker.ExpectAsync<LaunchExecutor>(), await worker.ExpectAsync<LaunchExecutor>() };
        await worker.To(master.Address, "Master").AskAsync<bool>(new DriverStateChanged(WorkerOne, driver, DriverState.Killed, null));
        var last = await worker.ExpectAsync<LaunchExecutor>();

        Assert.That(others.Prepend(first).Append(last).Select(launch => launch.Executor), Is.EqualTo(new[] { 0, 1, 2, 3 }));
    }

    [Test]
    public async Task A_worker_that_claims_to_run_more_than_it_offers_is_refused()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");

        worker.To(master.Address, "Master").Send(
            new RegisterWorker(WorkerOne, worker.Env.Address.Host, worker.Env.Address.Port, worker.Ref, 4, 4096, master.Address)
            {
                Executors = [new OccupiedByExecutor(new ApplicationId("app-old"), 0, 5, 1, null)],
            });

        Assert.That((await worker.ExpectAsync<RegisterWorkerFailed>()).Message, Does.Contain("runs more than it offers"));
    }

    [Test]
    public async Task An_executor_that_a_worker_does_not_run_is_lost_and_replaced()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var client = new Probe("AppClient");
        Register(worker, master, WorkerOne);
        await worker.ExpectAsync<RegisteredWorker>();
        await RegisterAsync(client, master);
        await worker.ExpectAsync<LaunchExecutor>(); // it gets lost, as if the connection had ended

        Register(worker, master, WorkerOne);
        var again = await worker.ExpectAsync<RegisteredWorker>();
        worker.To(master.Address, "Master").Send(new WorkerLatestState(WorkerOne, worker.Ref, []) { Inquiry = again.Inquiry });

        Assert.That((await worker.ExpectAsync<LaunchExecutor>()).Executor, Is.EqualTo(1));
        Assert.That((await client.FishAsync<ExecutorUpdated>()).State, Is.EqualTo(ExecutorState.Lost));
    }

    [Test]
    public async Task A_new_worker_at_the_same_address_replaces_the_old_one()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var client = new Probe("AppClient");
        Register(worker, master, WorkerOne);
        await RegisterAsync(client, master);
        await client.ExpectAsync<ExecutorAdded>();

        Register(worker, master, new WorkerId("worker-2"));

        var lost = await client.ExpectAsync<ExecutorUpdated>();
        await client.ExpectAsync<WorkerRemoved>();
        var added = await client.ExpectAsync<ExecutorAdded>();
        Assert.That((lost.State, added.Worker), Is.EqualTo((ExecutorState.Lost, new WorkerId("worker-2"))));
    }

    [Test]
    public async Task A_worker_with_impossible_numbers_is_told_why_it_is_refused()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");

        worker.To(master.Address, "Master").Send(
            new RegisterWorker(WorkerOne, worker.Env.Address.Host, worker.Env.Address.Port, worker.Ref, 2_000_000_000, 4096, master.Address));

        Assert.That((await worker.ExpectAsync<RegisterWorkerFailed>()).Message, Is.EqualTo("Cores is 2000000000 but must be from 1 to 65536"));
    }

    [Test]
    public async Task A_worker_of_many_cores_fills_up_portion_by_portion()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var client = new Probe("AppClient");
        worker.To(master.Address, "Master").Send(
            new RegisterWorker(WorkerOne, worker.Env.Address.Host, worker.Env.Address.Port, worker.Ref, 600, 600, master.Address));
        await worker.ExpectAsync<RegisteredWorker>();

        client.To(master.Address, "Master").Send(new RegisterApplication(Descriptions.Of(coresPerExecutor: 1, memoryMiB: 1), client.Ref));
        await client.ExpectAsync<RegisteredApplication>();
        var numbers = new List<int>();
        for (var i = 0; i < 600; i++) numbers.Add((await client.ExpectAsync<ExecutorAdded>()).Executor);

        Assert.That(numbers, Is.EqualTo(Enumerable.Range(0, 600)));
    }

    [Test]
    public async Task A_worker_speaks_for_its_own_executors_alone()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var other = new Probe("Worker");
        await using var client = new Probe("AppClient");
        Register(worker, master, WorkerOne);
        await worker.ExpectAsync<RegisteredWorker>();
        var app = await RegisterAsync(client, master);
        await client.ExpectAsync<ExecutorAdded>();
        Register(other, master, WorkerTwo);
        await other.ExpectAsync<RegisteredWorker>();

        Assert.That(async () => await TellAsync(other, master, new ExecutorStateChanged(WorkerOne, app.App, 0, ExecutorState.Failed, "no", 1)),
            Throws.TypeOf<RpcRemoteException>().With.Message.Contains("only the worker itself"));
        await TellAsync(other, master, new ExecutorStateChanged(WorkerTwo, app.App, 0, ExecutorState.Failed, "no", 1));
        await ReportAsync(worker, master, app.App, 0, ExecutorState.Running, null);

        Assert.That((await client.FishAsync<ExecutorUpdated>()).State, Is.EqualTo(ExecutorState.Running), "nothing was told before");
    }

    [Test]
    public async Task A_worker_that_registers_under_the_id_of_another_is_refused()
    {
        await using var master = Start();
        await using var worker = new Probe("Worker");
        await using var other = new Probe("Worker");
        Register(worker, master, WorkerOne);
        await worker.ExpectAsync<RegisteredWorker>();

        Register(other, master, WorkerOne);

        Assert.That((await other.ExpectAsync<RegisterWorkerFailed>()).Message, Does.Contain($"belongs to the worker at {worker.Env.Address}"));
    }
}
