using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy;
using Sparkish.Deploy.Master;
using ApplicationId = Sparkish.Deploy.ApplicationId;

namespace Sparkish.Tests.Deploy.Master;

/// <summary>A worker leaves the cluster, by its own wish or because it is ordered to.</summary>
internal sealed class MasterDecommissionTests
{
    private static readonly WorkerId One = new("worker-1");
    private static readonly WorkerId Two = new("worker-2");

    [Test]
    public async Task A_worker_that_leaves_gets_no_new_work_and_its_executors_are_replaced_elsewhere()
    {
        await using var master = Start();
        await using var leaving = new Probe("Worker");
        await using var other = new Probe("Worker");
        await using var client = new Probe("AppClient");
        await RegisterAsync(leaving, master, One);
        var app = await StartApplicationAsync(client, master);
        await leaving.ExpectAsync<LaunchExecutor>();

        leaving.To(master.Address, "Master").Send(new WorkerDecommissioning(One, leaving.Ref));
        await leaving.ExpectAsync<DecommissionWorker>();
        var told = await client.FishAsync<ExecutorUpdated>();
        await RegisterAsync(other, master, Two);

        var replacement = await other.ExpectAsync<LaunchExecutor>();
        var state = await client.To(master.Address, "Master").AskAsync<MasterStateResponse>(new RequestMasterState());
        using (Assert.EnterMultipleScope())
        {
            Assert.That((told.Executor, told.State, told.Message), Is.EqualTo((0, ExecutorState.Decommissioned, "worker decommissioned")));
            Assert.That((replacement.App, replacement.Executor), Is.EqualTo((app, 1)));
            Assert.That(state.Workers.Select(worker => (worker.Id, worker.State, worker.CoresUsed)),
                Is.EquivalentTo(new[] { (One, "DECOMMISSIONED", 4), (Two, "ALIVE", 4) }));
        }
    }

    [Test]
    public async Task The_application_hears_how_an_executor_of_a_leaving_worker_ended()
    {
        await using var master = Start();
        await using var leaving = new Probe("Worker");
        await using var client = new Probe("AppClient");
        await RegisterAsync(leaving, master, One);
        var app = await StartApplicationAsync(client, master);
        await leaving.ExpectAsync<LaunchExecutor>();
        leaving.To(master.Address, "Master").Send(new WorkerDecommissioning(One, leaving.Ref));
        await client.FishAsync<ExecutorUpdated>();

        await leaving.To(master.Address, "Master").AskAsync<bool>(new ExecutorStateChanged(One, app, 0, ExecutorState.Exited, "done", 0));

        var ended = await client.FishAsync<ExecutorUpdated>();
        Assert.That((ended.Executor, ended.State, ended.ExitStatus), Is.EqualTo((0, ExecutorState.Exited, (int?)0)));
    }

    [Test]
    public async Task The_application_hears_that_a_leaving_worker_was_lost_with_its_executor()
    {
        await using var master = Start(("spark.worker.timeout", "2s"));
        await using var leaving = new Probe("Worker");
        await using var client = new Probe("AppClient");
        await RegisterAsync(leaving, master, One);
        await StartApplicationAsync(client, master);
        await leaving.ExpectAsync<LaunchExecutor>();
        leaving.To(master.Address, "Master").Send(new WorkerDecommissioning(One, leaving.Ref));
        await client.FishAsync<ExecutorUpdated>();

        await leaving.DisposeAsync();

        var lost = await client.FishAsync<ExecutorUpdated>();
        Assert.That((lost.Executor, lost.State), Is.EqualTo((0, ExecutorState.Lost)));
    }

    private static async Task<ApplicationId> StartApplicationAsync(Probe client, MasterNode master)
    {
        client.To(master.Address, "Master").Send(new RegisterApplication(Descriptions.Of(), client.Ref));
        return (await client.ExpectAsync<RegisteredApplication>()).App;
    }

    private static async Task RegisterAsync(Probe worker, MasterNode master, WorkerId id)
    {
        var address = worker.Env.Address;
        worker.To(master.Address, "Master").Send(new RegisterWorker(id, address.Host, address.Port, worker.Ref, 4, 4096, master.Address));
        await worker.ExpectAsync<RegisteredWorker>();
    }

    private static MasterNode Start(params (string Key, string Value)[] settings)
    {
        var conf = new SparkConf(loadDefaults: false).Set("spark.worker.timeout", "10min");
        foreach (var (key, value) in settings) conf.Set(key, value);
        return MasterNode.Start(TestedEnv.Factory, conf, "127.0.0.1", port: 0, NullLoggerFactory.Instance);
    }
}
