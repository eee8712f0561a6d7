using System.Diagnostics;
using Sparkish.Deploy.Worker;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Deploy;

/// <summary>Worker processes that leave the cluster while an application uses them.</summary>
[Long]
[Platform("Linux")]
internal sealed class DecommissionTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Test]
    public async Task A_decommissioned_worker_finishes_its_tasks_and_exits_and_the_job_goes_on_elsewhere()
    {
        await using var cluster = await StandaloneCluster.StartAsync(workers: 2);
        await using var sc = LocalContext.Start(cluster.Url);
        await using var gate = new TaskGate();
        var port = gate.Port;
        var processes = sc.Parallelize(Enumerable.Range(0, 8), 8).MapPartitions(part => Gated(part, port)).Map(x => (x, Environment.ProcessId));
        var collected = Task.Run(processes.Collect);
        int[] executors = [await gate.NextArrivalAsync(), await gate.NextArrivalAsync()];

        await DecommissionAsync(cluster, worker: 0);
        gate.Open();

        var rows = await collected.WaitAsync(Limit);
        var status = await cluster.Workers[0].WaitForExitAsync(Limit);
        var tasks = executors.Select(executor => rows.Count(row => row.ProcessId == executor)).Order();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows.Select(row => row.x), Is.EqualTo(Enumerable.Range(0, 8)));
            Assert.That(tasks, Is.EqualTo(new[] { 1, 7 }), "the task that ran when the worker was decommissioned, and all others");
            Assert.That(status, Is.Zero);
        }
    }

    [Test]
    public async Task Shuffle_output_of_a_worker_that_has_left_is_computed_again()
    {
        await using var cluster = await StandaloneCluster.StartAsync(workers: 2);
        await using var sc = LocalContext.Start(cluster.Url);
        var counts = await CountsOnTwoExecutorsAsync(sc);

        await DecommissionAsync(cluster, worker: 0);
        var status = await cluster.Workers[0].WaitForExitAsync(Limit);

        Assert.That(counts.Collect().Order(), Is.EqualTo(Expected));
        Assert.That(status, Is.Zero);
    }

    [Test]
    public async Task A_decommissioned_worker_that_is_killed_before_it_leaves_costs_no_result()
    {
        await using var cluster = await StandaloneCluster.StartAsync(workers: 2);
        await using var sc = LocalContext.Start(cluster.Url);
        var counts = await CountsOnTwoExecutorsAsync(sc);
        await using var gate = new TaskGate();
        var port = gate.Port;
        var collected = Task.Run(() => counts.MapPartitions(part => Gated(part, port)).Collect());
        foreach (var _ in cluster.Workers) await gate.NextArrivalAsync();

        await DecommissionAsync(cluster, worker: 0);
        Process.GetProcessById(cluster.Workers[0].Id).Kill(); // its executor notices that by itself
        gate.Open();

        Assert.That((await collected.WaitAsync(Limit)).Order(), Is.EqualTo(Expected));
    }

    private static IEnumerable<(int Key, int Value)> Expected => Enumerable.Range(0, 10).Select(key => (key, 100));

    private static async Task DecommissionAsync(StandaloneCluster cluster, int worker)
    {
        cluster.Workers[worker].Signal(DecommissionSignal.Numbers["PWR"]);
        await cluster.Master.WaitForLineAsync(line => line.EndsWith("decommissioned", StringComparison.Ordinal), Limit);
    }

    /// <summary>Counts whose map outputs lie on two executors.</summary>
    private static async Task<Rdd<(int Key, int Value)>> CountsOnTwoExecutorsAsync(SparkContext sc)
    {
        await using var gate = new TaskGate();
        var port = gate.Port;
        var waiting = Task.Run(() => sc.Parallelize(Enumerable.Range(0, 2), 2).MapPartitions(part => Gated(part, port)).Count());
        int[] executors = [await gate.NextArrivalAsync(), await gate.NextArrivalAsync()];
        Assert.That(executors, Is.Unique);
        gate.Open();
        await waiting.WaitAsync(Limit);
        var counts = sc.Parallelize(Enumerable.Range(0, 1000), 4).Map(x => (Key: x % 10, Value: 1)).ReduceByKey((a, b) => a + b);
        counts.Count();
        return counts;
    }

    private static IEnumerable<T> Gated<T>(IEnumerable<T> part, int port)
    {
        TaskGate.Pass(port);
        return part;
    }
}
