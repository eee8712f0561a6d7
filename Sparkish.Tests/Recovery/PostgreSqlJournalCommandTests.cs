using Sparkish.Tests.Cli;

namespace Sparkish.Tests.Recovery;

internal sealed class PostgreSqlJournalCommandTests
{
    [Test]
    public async Task What_a_leader_wrote_to_PostgreSQL_is_printed()
    {
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        var conf = new SparkConf(loadDefaults: false).Set("spark.deploy.recoveryMode", "POSTGRESQL")
            .Set("spark.deploy.postgresql.url", connection).Set("spark.deploy.postgresql.schema", "masters");

        var (epoch, printed) = await JournalCommandLine.WriteAndPrintAsync(
            conf, "--postgresql", connection, "--conf", "spark.deploy.postgresql.schema=masters");

        Assert.That(printed, Is.EqualTo($$$"""{"sequence":1,"epoch":{{{epoch}}},"type":"Incremented","event":{"By":2,"Client":"test"}}"""));
    }
}
