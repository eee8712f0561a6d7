using Sparkish.Deploy.Worker.Processes;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Deploy;

/// <summary>Worker processes that are killed while an executor of theirs hangs.</summary>
[Long]
[Platform("Linux")]
internal sealed class OrphanTests
{
    private const int Sigstop = 19;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Test]
    public async Task An_executor_that_hangs_when_its_worker_is_killed_is_ended_by_the_next_worker_and_the_job_goes_on()
    {
        await using var cluster = await StandaloneCluster.StartAsync(workers: 1);
        await using var sc = LocalContext.Start(cluster.Url);
        await using var gate = new TaskGate();
        var port = gate.Port;
        var collected = Task.Run(() => sc.Parallelize([7], 1).MapPartitions(part => Gated(part, port)).Collect());
        var executor = ProcessIdentity.Find(await gate.NextArrivalAsync())!.Value;
        executor.Send(Sigstop);

        await cluster.RestartWorkerAsync(0);
        var isAlive = executor.IsAlive;
        await gate.NextArrivalAsync();
        gate.Open();

        Assert.That(await collected.WaitAsync(Limit), Is.EqualTo(new[] { 7 }));
        Assert.That(isAlive, Is.False, cluster.Workers[0].Transcript);
    }

    private static IEnumerable<T> Gated<T>(IEnumerable<T> part, int port)
    {
        TaskGate.Pass(port);
        return part;
    }
}
