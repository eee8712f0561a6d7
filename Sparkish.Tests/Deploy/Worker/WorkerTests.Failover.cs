using Sparkish.Deploy;
using Sparkish.Deploy.Worker;
using Sparkish.Rpc;

namespace Sparkish.Tests.Deploy.Worker;

/// <content>A worker whose master is lost, and that follows another one.</content>
internal sealed partial class WorkerTests
{
    [Test]
    public async Task A_worker_follows_a_later_leader_and_tells_it_what_runs_and_what_has_ended()
    {
        await using var cluster = await TwoMasters.StartAsync();
        cluster.Self.Send(Launch(cluster.Master, 0));
        cluster.Self.Send(Launch(cluster.Master, 1));
        var (first, _) = (await cluster.Launcher.ExpectAsync(), await cluster.Launcher.ExpectAsync());

        await cluster.LoseMasterAsync();
        first.End(3);
        cluster.SendFromStandby(new MasterChanged(cluster.Standby.Ref) { Inquiry = 7 });

        // The worker may hear of the end before or after it hears of the leader, and reports it in both cases.
        var seen = new List<object>();
        while (!seen.OfType<ExecutorStateChanged>().Any() || !seen.OfType<WorkerSchedulerStateResponse>().Any())
            seen.Add(await cluster.Standby.ExpectAsync<object>());
        var ended = seen.OfType<ExecutorStateChanged>().First();
        var state = seen.OfType<WorkerSchedulerStateResponse>().First();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((ended.Executor, ended.State, ended.ExitStatus), Is.EqualTo((0, ExecutorState.Exited, (int?)3)));
            Assert.That(state.Executors.Select(static executor => executor.Executor), Does.Contain(1));
            Assert.That(state.Inquiry, Is.EqualTo(7));
        }
    }

    /// <summary>A worker that has registered with one of its two masters.</summary>
    private sealed class TwoMasters : IAsyncDisposable
    {
        private static readonly MasterEpoch Later = new(0, 1);

        private TwoMasters() => Worker = Start([Master.Env.Address, Standby.Env.Address], Launcher);

        public Probe Master { get; } = new("Master");

        public Probe Standby { get; } = new("Master");

        public FakeLauncher Launcher { get; } = new();

        public WorkerNode Worker { get; }

        /// <summary>The worker as the master sees it.</summary>
        public RpcEndpointRef Self { get; private set; } = null!;

        public static async Task<TwoMasters> StartAsync()
        {
            var cluster = new TwoMasters();
            cluster.Self = await RegisterAsync(cluster.Master);
            await cluster.Standby.ExpectAsync<RegisterWorker>();
            return cluster;
        }

        /// <summary>Ends the master; completes when the worker looks for another one.</summary>
        public async Task LoseMasterAsync()
        {
            await Master.DisposeAsync();
            await Standby.FishAsync<RegisterWorker>();
        }

        /// <summary>Sends an order of the other master, which leads in the next term.</summary>
        public void SendFromStandby(MasterCommand command) => Standby.To(Worker.Address, "Worker").Send(command with { Epoch = Later });

        public async ValueTask DisposeAsync()
        {
            await Worker.DisposeAsync();
            await Standby.DisposeAsync();
            await Master.DisposeAsync();
        }
    }
}
