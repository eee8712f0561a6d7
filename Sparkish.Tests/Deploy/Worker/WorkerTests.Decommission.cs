using Sparkish.Deploy;
using Sparkish.Rpc;

namespace Sparkish.Tests.Deploy.Worker;

/// <content>A worker that leaves the cluster once its work is done.</content>
internal sealed partial class WorkerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Test]
    public async Task A_decommissioned_worker_takes_no_new_executor_and_leaves_when_the_last_one_has_ended()
    {
        var launcher = new FakeLauncher();
        await using var master = new Probe("Master");
        await using var worker = Start(master, launcher);
        var self = await RegisterAsync(master);
        self.Send(Launch(master, 0));
        var run = await launcher.ExpectAsync();

        worker.Decommission();
        await master.ExpectAsync<WorkerDecommissioning>();
        self.Send(Launch(master, 1)); // it was sent before the master knew
        var refused = await master.ExpectAsync<ExecutorStateChanged>();
        self.Send(new DecommissionWorker());
        await SeenAsync(worker);
        var leftEarly = worker.Decommissioned.IsCompleted;
        run.End(0);

        var ended = await master.ExpectAsync<ExecutorStateChanged>();
        await worker.Decommissioned.WaitAsync(Limit);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((refused.Executor, refused.State), Is.EqualTo((1, ExecutorState.Failed)));
            Assert.That(refused.Message, Does.Contain("decommissioned"));
            Assert.That((ended.Executor, ended.State, leftEarly), Is.EqualTo((0, ExecutorState.Exited, false)));
            Assert.That(worker.GaveUp.IsCompleted, Is.False);
        }
    }

    [Test]
    public async Task An_idle_worker_leaves_once_its_master_knows_that_it_takes_no_new_work()
    {
        await using var master = new Probe("Master");
        await using var worker = Start(master, new FakeLauncher());
        var self = await RegisterAsync(master);

        worker.Decommission();
        await master.ExpectAsync<WorkerDecommissioning>();
        await SeenAsync(worker);
        var leftEarly = worker.Decommissioned.IsCompleted;
        self.Send(new DecommissionWorker());

        await worker.Decommissioned.WaitAsync(Limit);
        Assert.That(leftEarly, Is.False);
    }

    [Test]
    public async Task An_idle_worker_leaves_when_the_master_orders_it()
    {
        await using var master = new Probe("Master");
        await using var worker = Start(master, new FakeLauncher());
        var self = await RegisterAsync(master);

        self.Send(new DecommissionWorker());

        await worker.Decommissioned.WaitAsync(Limit);
    }

    [Test]
    public async Task A_decommissioned_worker_without_a_master_leaves_at_once()
    {
        await using var master = new Probe("Master");
        await using var worker = Start(master, new FakeLauncher());
        await master.ExpectAsync<RegisterWorker>();

        worker.Decommission();

        await worker.Decommissioned.WaitAsync(Limit);
    }

    [Test]
    public async Task A_later_leader_hears_that_the_worker_leaves_and_takes_its_last_report()
    {
        await using var cluster = await TwoMasters.StartAsync();
        cluster.Self.Send(Launch(cluster.Master, 0));
        var run = await cluster.Launcher.ExpectAsync();
        cluster.Worker.Decommission();
        await cluster.Master.FishAsync<WorkerDecommissioning>();

        await cluster.LoseMasterAsync();
        run.End(0);
        await SeenAsync(cluster.Worker);
        var leftEarly = cluster.Worker.Decommissioned.IsCompleted;
        cluster.SendFromStandby(new MasterChanged(cluster.Standby.Ref) { Inquiry = 7 });

        var ended = await cluster.Standby.FishAsync<ExecutorStateChanged>();
        await cluster.Standby.FishAsync<WorkerDecommissioning>();
        cluster.SendFromStandby(new DecommissionWorker());
        await cluster.Worker.Decommissioned.WaitAsync(Limit);
        Assert.That((ended.State, leftEarly), Is.EqualTo((ExecutorState.Exited, false)));
    }

    /// <summary>Completes when the worker has handled what was sent to it before.</summary>
    private static async Task SeenAsync(Sparkish.Deploy.Worker.WorkerNode worker)
    {
        await using var other = new Probe("Master");
        await other.Env.SetupEndpointRefAsync(new RpcEndpointAddress(worker.Address, "Worker"));
    }
}
