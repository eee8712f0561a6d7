using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy;
using Sparkish.Deploy.LocalCluster;

namespace Sparkish.Tests.Deploy.LocalCluster;

internal sealed class LocalSparkClusterTests
{
    [Test]
    public async Task Every_worker_gives_an_executor_to_an_application()
    {
        var conf = new SparkConf(loadDefaults: false).Set("spark.deploy.maxExecutorRetries", "-1");
        await using var cluster = await LocalSparkCluster.StartAsync(new LocalClusterUrl(2, 1, 1024), conf, NullLoggerFactory.Instance);
        await using var client = new Probe("AppClient");

        client.To(cluster.MasterAddress, "Master").Send(
            new RegisterApplication(Descriptions.Of(), client.Ref));

        // No driver is there, so executors end and are replaced; some come on each worker.
        var workers = new HashSet<WorkerId>();
        while (workers.Count < 2) workers.Add((await client.FishAsync<ExecutorAdded>()).Worker);
    }
}
