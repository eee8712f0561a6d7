using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy;
using Sparkish.Deploy.LocalCluster;

namespace Sparkish.Tests.Deploy.LocalCluster;

internal sealed class LocalSparkClusterTests
{
    [Test]
    public async Task Every_worker_gives_an_executor_to_an_application()
    {
        var conf = TestedEnv.NewConf().Set("spark.deploy.maxExecutorRetries", "-1");
        await using var cluster = await LocalSparkCluster.StartAsync(new LocalClusterUrl(2, 1, 1024), conf, NullLoggerFactory.Instance);
        await using var client = new Probe("AppClient");

        client.To(cluster.MasterAddress, "Master").Send(
            new RegisterApplication(Descriptions.Of(), client.Ref));

        // No driver is there, so executors end and are replaced; some come on each worker.
        var workers = new HashSet<WorkerId>();
        while (workers.Count < 2) workers.Add((await client.FishAsync<ExecutorAdded>()).Worker);
    }

    [Test]
    public async Task What_a_killed_driver_left_goes_with_the_next_start()
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory.File("sparkish-local-cluster-left/app-1/0"));
        directory.Write("sparkish-local-cluster-left/.owner", "");
        directory.Write("sparkish-local-cluster-left/app-1/0/data", "x");
        var conf = TestedEnv.NewConf().Set("spark.local.dir", directory.Path);

        var cluster = await LocalSparkCluster.StartAsync(new LocalClusterUrl(1, 1, 1024), conf, NullLoggerFactory.Instance);
        var during = Directory.GetFileSystemEntries(directory.Path);
        await cluster.DisposeAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(during, Has.Length.EqualTo(1).And.None.EndsWith("-left"));
            Assert.That(Directory.GetFileSystemEntries(directory.Path), Is.Empty);
        }
    }
}
