using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sparkish.Akka.Persistence;
using Sparkish.Deploy.Recovery;
using Sparkish.Deploy.Recovery.PostgreSql;
using Sparkish.Deploy.Recovery.ZooKeeper;
using Sparkish.Persistence;
using Sparkish.Tests.Recovery;

namespace Sparkish.Tests.Akka.Persistence;

/// <summary><c>spark.deploy.recoveryMode=AKKA</c>: what it makes, and what it refuses at the start.</summary>
internal sealed class AkkaRecoveryModeTests
{
    [Test]
    public async Task AKKA_keeps_the_journal_and_a_single_master_leads_unless_an_election_is_named()
    {
        using var directory = new TemporaryDirectory();
        await using var mode = From(AkkaJournals.Conf(AkkaJournals.Sqlite, AkkaJournals.SqliteUrl(directory)));

        await using (var journal = await mode.Journals.OpenAsync(RecoveryMode.Name)) await journal.AppendAsync([new byte[1]]);

        Assert.That(mode.Journals, Is.TypeOf<AkkaJournalStore>());
        Assert.That(mode.Election, Is.TypeOf<SingleLeaderElection>());
        Assert.That(await mode.Journals.ListAsync(), Is.EqualTo(new[] { RecoveryMode.Name }));
    }

    [Test]
    public async Task The_election_of_another_store_can_be_named()
    {
        using var directory = new TemporaryDirectory();
        var url = AkkaJournals.SqliteUrl(directory);
        await using var postgreSql = From(AkkaJournals.Conf(AkkaJournals.Sqlite, url,
            ("spark.deploy.akka.election", "postgresql"), ("spark.deploy.postgresql.url", "Host=127.0.0.1;Database=spark;Username=me;Password=secret")));
        await using var zooKeeper = From(AkkaJournals.Conf(AkkaJournals.Sqlite, url,
            ("spark.deploy.akka.election", "ZOOKEEPER"), ("spark.deploy.zookeeper.url", "127.0.0.1:2181")));

        Assert.That(postgreSql.Election, Is.TypeOf<PostgreSqlElection>());
        Assert.That(zooKeeper.Election, Is.TypeOf<ZooKeeperElection>());
    }

    [Test]
    public async Task The_password_may_come_from_a_file()
    {
        using var directory = new TemporaryDirectory();
        var url = new NpgsqlConnectionStringBuilder(await PostgreSqlTestServer.NewDatabaseAsync());
        var password = directory.Write("password", url.Password!);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(password, UnixFileMode.UserRead);
        url.Password = null;
        await using var store = AkkaJournals.Open(AkkaJournals.PostgreSql, url.ConnectionString, ("spark.deploy.akka.password.file", password));

        await using var journal = await store.OpenAsync("master");

        Assert.That(await journal.AppendAsync([new byte[1]]), Is.EqualTo(1));
    }

    [Test]
    public async Task A_file_of_HOCON_is_laid_over_the_settings()
    {
        using var directory = new TemporaryDirectory();
        var hocon = directory.Write("journal.conf", """
            akka.persistence.journal.sql { table-mapping = default, default.journal.table-name = "sparks" }
            """);
        var url = AkkaJournals.SqliteUrl(directory);
        await using (var store = AkkaJournals.Open(AkkaJournals.Sqlite, url, ("spark.deploy.akka.conf", hocon)))
        {
            await using var journal = await store.OpenAsync("master");
        }

        Assert.That(async () => await AkkaJournals.ExecuteAsync(AkkaJournals.Sqlite, url, "SELECT sequence_number FROM sparks"), Throws.Nothing);
    }

    [TestCase("spark.deploy.akka.url or spark.deploy.akka.conf must be set")]
    [TestCase("spark.deploy.akka.provider must be set", "spark.deploy.akka.url=Host=h")]
    [TestCase("spark.deploy.akka.url must be a connection", "spark.deploy.akka.url=nonsense", "spark.deploy.akka.provider=SQLite.MS", "spark.deploy.akka.password=x")]
    [TestCase("spark.deploy.akka.conf is '/no/such.conf'", "spark.deploy.akka.conf=/no/such.conf")]
    [TestCase("spark.deploy.akka.election is 'RAFT'", "spark.deploy.akka.url=Host=h", "spark.deploy.akka.provider=SQLite.MS", "spark.deploy.akka.election=RAFT")]
    [TestCase("spark.deploy.akka.election is POSTGRESQL, so spark.deploy.postgresql.url must be set", "spark.deploy.akka.election=POSTGRESQL")]
    [TestCase("spark.deploy.akka.prefix", "spark.deploy.akka.url=Host=h", "spark.deploy.akka.provider=SQLite.MS", "spark.deploy.akka.prefix=a/b")]
    public void What_is_missing_or_wrong_is_said_at_the_start(string expected, params string[] settings)
    {
        var conf = settings.Select(static setting => setting.Split('=', 2))
            .Aggregate(new SparkConf(loadDefaults: false).Set("spark.deploy.recoveryMode", "AKKA"), static (conf, pair) => conf.Set(pair[0], pair[1]));

        Assert.That(() => From(conf), Throws.TypeOf<SparkException>().With.Message.Contains(expected));
    }

    [TestCase("akka.actor.serializers { json = \"A.B, C\" }", "akka.actor.serializers")]
    [TestCase("akka.actor.provider = cluster", "akka.actor.provider")]
    [TestCase("akka.remote.dot-netty.tcp.port = 1", "akka.remote")]
    public void A_file_that_sets_what_is_not_for_it_is_refused(string text, string path)
    {
        using var directory = new TemporaryDirectory();
        var conf = AkkaJournals.Conf(AkkaJournals.Sqlite, AkkaJournals.SqliteUrl(directory), ("spark.deploy.akka.conf", directory.Write("a.conf", text)));

        Assert.That(() => From(conf), Throws.TypeOf<SparkException>().With.Message.Contains($"sets {path}"));
    }

    private static RecoveryMode From(SparkConf conf) => RecoveryMode.From(conf, TimeProvider.System, NullLoggerFactory.Instance);
}
