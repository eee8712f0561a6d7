using System.Diagnostics;
using System.Globalization;

namespace Sparkish.Tests.Processes.Failover;

/// <summary>Whole clusters of processes whose leader fails in each of the ways that machines have.</summary>
[Long]
[NonParallelizable]
internal sealed class MasterFailoverTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    // What a master says when it acts on its cluster.
    private static readonly string[] Acts = [" launched on ", " removed", " registered", " submitted: ", " recovered"];

    [TestCaseSource(typeof(FailoverStore), nameof(FailoverStore.Modes))]
    public Task A_job_and_new_submissions_outlive_leaders_that_are_killed_frozen_and_cut_off(string mode) =>
        OutliveAsync(mode, masters: 3, LeaderFault.Killed, LeaderFault.Frozen, LeaderFault.CutOff);

    [Test]
    public Task A_job_outlives_the_restart_of_the_only_master() => OutliveAsync("FILESYSTEM", masters: 1, LeaderFault.Killed);

    private static async Task OutliveAsync(string mode, int masters, params LeaderFault[] faults)
    {
        await using var cluster = await FailoverCluster.StartAsync(mode, masters);
        await using var tasks = cluster.NewGate();
        await using var drivers = cluster.NewGate();
        drivers.Open();
        var job = await cluster.StartJobAsync(tasks);
        var executor = await tasks.NextArrivalAsync();

        foreach (var fault in faults)
        {
            var leader = await cluster.LeaderAsync();
            var begin = Stopwatch.GetTimestamp();
            await fault.BeginAsync(leader);
            if (masters == 1) await cluster.LeaderAfterAsync(leader.Process); // without a standby, a submission is refused meanwhile
            var (driver, application) = (cluster.SubmitAsync(drivers), cluster.StartCountAsync());
            await driver;
            var taken = Stopwatch.GetElapsedTime(begin);
            var (_, result) = await application;
            var registered = Stopwatch.GetElapsedTime(begin);
            var next = await cluster.LeaderAfterAsync(leader.Process);
            Process.GetProcessById(executor).Kill(); // only a master can replace it
            executor = await tasks.NextArrivalAsync();
            await TestContext.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{mode}, leader {fault.Name}: another led after {Stopwatch.GetElapsedTime(begin, next.At).TotalSeconds:F1} s, "
                + $"a driver was taken after {taken.TotalSeconds:F1} s, an application after {registered.TotalSeconds:F1} s"));

            var said = leader.Process.Errors.Count;
            await fault.EndAsync(leader);
            var status = await leader.Process.WaitForExitAsync(Patience);
            await leader.Master.AfterAsync(leader.Process);
            await cluster.JoinedAsync(leader.Master);
            using (Assert.EnterMultipleScope())
            {
                Assert.That(await result, Is.EqualTo("3"));
                Assert.That(next.Term, Is.GreaterThan(leader.Term));
                Assert.That(status, Is.EqualTo(fault.ExitStatus), leader.Process.Transcript);
                Assert.That(leader.Process.Errors.Take(said).Where(IsAct), Is.Not.Empty, "It logged what it did as the leader.");
                Assert.That(leader.Process.Errors.Skip(said).Where(IsAct), Is.Empty);
            }
        }

        tasks.Open();
        Assert.That(await job.WaitAsync(Patience), Is.EqualTo(FailoverDriver.Expected));
        foreach (var _ in faults) await drivers.NextArrivalAsync();
        Assert.That(drivers.Waiting, Is.Zero, "Each driver ran once.");
    }

    private static bool IsAct(string line) => Array.Exists(Acts, act => line.Contains(act, StringComparison.Ordinal));
}
