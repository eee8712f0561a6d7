using System.Diagnostics;
using System.Globalization;

namespace Sparkish.Tests.Processes.Failover;

/// <summary>A whole cluster of processes whose workers fail, and which is restarted node by node, while a job runs all the time.</summary>
[Long]
[NonParallelizable]
internal sealed class WorkerFailoverTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Test]
    public async Task A_job_outlives_lost_workers_and_a_rolling_restart_and_a_supervised_driver_moves()
    {
        await using var cluster = await FailoverCluster.StartAsync("POSTGRESQL", masters: 2);
        await using var tasks = cluster.NewGate();
        await using var drivers = cluster.NewGate();
        var job = await cluster.StartJobAsync(tasks);
        var executor = await tasks.NextArrivalAsync();

        executor = await FreezeWorkerAsync(cluster, tasks, executor);
        await KillWorkerOfDriverAsync(cluster, drivers);
        await RestartAllAsync(cluster);
        tasks.Open();

        Assert.That(await job.WaitAsync(Patience), Is.EqualTo(FailoverDriver.Expected));
    }

    private static async Task<int> FreezeWorkerAsync(FailoverCluster cluster, TaskGate tasks, int executor)
    {
        var leader = await cluster.LeaderAsync();
        var worker = cluster.WorkerOf(executor);
        var begin = Stopwatch.GetTimestamp();
        await LeaderFault.SignalAsync(worker.Process, "-STOP");
        await leader.Process.WaitForLineAsync(
            line => line.Contains("removed", StringComparison.Ordinal) && line.Contains($"-{cluster.AddressOf(worker)}-", StringComparison.Ordinal), Patience);
        var removed = Stopwatch.GetElapsedTime(begin);
        var replacement = await tasks.NextArrivalAsync();
        var replaced = Stopwatch.GetElapsedTime(begin);
        await TestContext.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"A frozen worker was removed after {removed.TotalSeconds:F1} s; its task ran elsewhere after {replaced.TotalSeconds:F1} s"));

        var said = worker.Process.Errors.Count;
        await LeaderFault.SignalAsync(worker.Process, "-CONT");
        await worker.Process.WaitForLineAsync(
            line => worker.Process.Errors.Skip(said).Contains(line) && line.Contains("Registered with master", StringComparison.Ordinal), Patience);
        Assert.That(cluster.WorkerOf(replacement), Is.Not.SameAs(worker));
        return replacement;
    }

    private static async Task KillWorkerOfDriverAsync(FailoverCluster cluster, TaskGate drivers)
    {
        var id = await cluster.SubmitAsync(drivers, isSupervised: true);
        var first = await drivers.NextArrivalAsync();
        var worker = cluster.WorkerOf(first);

        var killed = worker.Process;
        await LeaderFault.SignalAsync(killed, "-KILL");
        var second = await drivers.NextArrivalAsync();
        var status = await cluster.StatusAsync(id);
        drivers.Open();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(second, Is.Not.EqualTo(first));
            Assert.That(status, Does.StartWith("Relaunching "));
            Assert.That(cluster.WorkerOf(second), Is.Not.SameAs(worker));
        }

        await worker.AfterAsync(killed);
        await worker.SaysAsync("Registered with master");
    }

    /// <summary>Restarts all nodes, one after the other; meanwhile one application follows the other.</summary>
    private static async Task RestartAllAsync(FailoverCluster cluster)
    {
        using var stop = new CancellationTokenSource();
        var load = CountAsync(cluster, stop.Token);
        foreach (var master in cluster.Masters)
        {
            await master.RestartAsync();
            await cluster.JoinedAsync(master);
        }

        foreach (var worker in cluster.WorkerNodes)
        {
            await worker.RestartAsync();
            await worker.SaysAsync("Registered with master");
        }

        await stop.CancelAsync();
        var results = await load;
        await TestContext.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{results.Count} applications ended during a rolling restart"));
        Assert.That(results, Is.Not.Empty.And.All.EqualTo("3"));
    }

    private static async Task<List<string>> CountAsync(FailoverCluster cluster, CancellationToken stop)
    {
        var results = new List<string>();
        while (!stop.IsCancellationRequested)
        {
            var (_, result) = await cluster.StartCountAsync();
            results.Add(await result);
        }

        return results;
    }
}
