using Sparkish.Tests.ClusterManager;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Backend;

/// <summary>A cluster manager of another assembly, which has only what is public.</summary>
internal sealed class OutsideClusterManagerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [Test]
    public async Task A_job_runs_on_the_executors_of_a_cluster_manager_from_outside()
    {
        await using var sc = LocalContext.Start("tests://2");

        var counts = sc.Parallelize(Enumerable.Range(0, 1000), 4).Map(x => (Key: x % 10, Value: 1)).ReduceByKey((a, b) => a + b, 3).Collect();

        Assert.That(counts.Order(), Is.EqualTo(Enumerable.Range(0, 10).Select(key => (key, 100))));
        Assert.That(sc.ApplicationId, Does.StartWith("tests-"));
    }

    [Test]
    public async Task All_its_executors_get_tasks()
    {
        await using var sc = LocalContext.Start("tests://3");
        await using var gate = new TaskGate();
        var port = gate.Port;

        var collected = Task.Run(() => sc.Parallelize(Enumerable.Range(0, 3), 3).MapPartitions(part => Gated(part, port)).Collect());
        for (var i = 0; i < 3; i++) await gate.NextArrivalAsync(); // each executor has one core
        gate.Open();

        Assert.That(await collected.WaitAsync(Limit), Is.EqualTo(new[] { 0, 1, 2 }));
    }

    [Test]
    public async Task An_executor_that_it_loses_costs_no_result_and_one_that_it_adds_is_used()
    {
        await using var sc = LocalContext.Start("tests://1");
        await using var gate = new TaskGate();
        var port = gate.Port;
        var cluster = TestsClusters.Of(sc);
        var collected = Task.Run(() => sc.Parallelize([7], 1).MapPartitions(part => Gated(part, port)).Collect());
        await gate.NextArrivalAsync();

        var other = cluster.StartExecutor();
        await cluster.EndExecutorAsync("1");
        await gate.NextArrivalAsync();
        gate.Open();

        Assert.That(await collected.WaitAsync(Limit), Is.EqualTo(new[] { 7 }));
        Assert.That(other, Is.EqualTo("2"));
    }

    [Test]
    public async Task Its_executors_end_and_their_files_go_with_the_application()
    {
        var sc = LocalContext.Start("tests://2");
        var cluster = TestsClusters.Of(sc);
        sc.Parallelize(Enumerable.Range(0, 10), 2).Map(x => (x, x)).ReduceByKey((a, b) => a + b).Count();
        var during = Directory.Exists(cluster.Directory);

        await sc.DisposeAsync();

        Assert.That((during, Directory.Exists(cluster.Directory)), Is.EqualTo((true, false)));
    }

    [TestCase("tests://")]
    [TestCase("tests://0")]
    [TestCase("tests://many")]
    public void It_refuses_a_wrong_URL_itself(string master) =>
        Assert.That(() => LocalContext.Start(master), Throws.TypeOf<SparkException>().With.Message.Contains($"'{master}'").And.Message.Contains("tests://2"));

    [Test]
    public void A_master_that_no_manager_supports_is_refused() =>
        Assert.That(() => LocalContext.Start("test://2"), Throws.TypeOf<SparkException>().With.Message.Contains("no cluster manager supports it"));

    private static IEnumerable<T> Gated<T>(IEnumerable<T> part, int port)
    {
        TaskGate.Pass(port);
        return part;
    }
}
