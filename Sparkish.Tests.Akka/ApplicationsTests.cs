namespace Sparkish.Tests.Akka;

/// <summary>Applications run on envs on Akka.NET.</summary>
internal sealed class ApplicationsTests
{
    [TestCase("local[2]")]
    [TestCase("local-cluster[2,1,1024]")]
    public async Task A_shuffle_counts_right(string master)
    {
        var conf = new SparkConf(false).SetAppName("test").SetMaster(master).Set("spark.rpc.factory", "akka").Set("spark.ui.showConsoleProgress", "false");
        await using var sc = new SparkContext(conf);

        var counts = sc.Parallelize(Enumerable.Range(1, 100), 4).Map(i => (i % 10, 1)).ReduceByKey((a, b) => a + b).Collect();

        Assert.That(counts, Is.EquivalentTo(Enumerable.Range(0, 10).Select(digit => (digit, 10))));
    }
}
