using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Deploy.LocalCluster;

/// <summary>Custom resources from the worker's file to the tasks.</summary>
internal sealed class CustomResourcesTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private TemporaryDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public async Task Tasks_that_run_at_the_same_time_have_units_of_their_own()
    {
        await using var sc = Start(("spark.task.resource.gpu.amount", "1"));
        await using var gate = new TaskGate();
        var port = gate.Port;

        var collected = Task.Run(() => sc.Parallelize(Enumerable.Range(0, 2), 2).MapPartitions(part => Gated(part, port)).Map(_ => Gpus()).Collect());
        for (var i = 0; i < 2; i++) await gate.NextArrivalAsync();
        gate.Open();

        Assert.That((await collected.WaitAsync(Limit)).Order(StringComparer.Ordinal), Is.EqualTo(new[] { "GPU-1", "GPU-2" }));
    }

    [Test]
    public async Task Without_an_amount_of_tasks_each_task_sees_all_units_of_its_executor()
    {
        await using var sc = Start();

        Assert.That(sc.Parallelize([0], 1).Map(_ => Gpus()).Collect(), Is.EqualTo(new[] { "GPU-1 GPU-2" }));
    }

    [Test]
    public void An_executor_whose_units_do_not_suffice_for_its_tasks_is_refused_at_the_start() =>
        Assert.That(() => Start(("spark.task.resource.gpu.amount", "2")),
            Throws.TypeOf<SparkException>().With.Message.Contains("needs 4 units of 'gpu'").And.Message.Contains("spark.executor.cores"));

    private SparkContext Start(params (string Key, string Value)[] settings)
    {
        var file = _directory.Write("resources.json",
            """[{"id": {"componentName": "spark.worker", "resourceName": "gpu"}, "addresses": ["GPU-1", "GPU-2", "GPU-3"]}]""");
        return LocalContext.Start("local-cluster[1,2,1024]", [("spark.worker.resourcesFile", file), ("spark.executor.cores", "2"),
            ("spark.executor.resource.gpu.amount", "2"), .. settings]);
    }

    private static string Gpus() => string.Join(' ', TaskContext.Current!.Resources["gpu"]);

    private static IEnumerable<T> Gated<T>(IEnumerable<T> part, int port)
    {
        TaskGate.Pass(port);
        return part;
    }
}
