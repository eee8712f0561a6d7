using Sparkish.Tests.Cli;

namespace Sparkish.Tests.Recovery.ZooKeeper;

internal sealed class ZooKeeperJournalCommandTests
{
    [Test]
    public async Task What_a_leader_wrote_to_ZooKeeper_is_printed()
    {
        var url = await (await ZooKeeperTestServers.EnsembleAsync()).UrlOfNewRootAsync();
        var conf = new SparkConf(loadDefaults: false).Set("spark.deploy.recoveryMode", "ZOOKEEPER").Set("spark.deploy.zookeeper.url", url);

        var (epoch, printed) = await JournalCommandLine.WriteAndPrintAsync(conf, "--zookeeper", url);

        Assert.That(printed, Is.EqualTo($$$"""{"sequence":1,"epoch":{{{epoch}}},"type":"Incremented","event":{"By":2,"Client":"test"}}"""));
    }
}
