using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy.Recovery;
using Sparkish.Deploy.Recovery.PostgreSql;
using Sparkish.Deploy.Recovery.ZooKeeper;
using Sparkish.Persistence;
using Sparkish.Persistence.Files;

namespace Sparkish.Tests.Recovery;

internal sealed class RecoveryModeTests
{
    [Test]
    public async Task Without_a_mode_nothing_is_kept_and_who_stands_leads()
    {
        await using var mode = From();

        Assert.That(mode.Journals, Is.TypeOf<NoJournalStore>());
        Assert.That((await mode.Election.CampaignAsync("me")).IsCurrent, Is.True);
    }

    [Test]
    public async Task FILESYSTEM_keeps_the_journal_in_the_recovery_directory()
    {
        using var directory = new TemporaryDirectory();
        await using var mode = From(("spark.deploy.recoveryMode", "FILESYSTEM"), ("spark.deploy.recoveryDirectory", directory.Path));

        await using (await mode.Journals.OpenAsync(RecoveryMode.Name)) { }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(mode.Journals, Is.TypeOf<FileJournalStore>());
            Assert.That(Directory.Exists(Path.Combine(directory.Path, RecoveryMode.Name)), Is.True);
        }
    }

    [Test]
    public async Task A_recovery_directory_is_made_together_with_its_parents()
    {
        using var directory = new TemporaryDirectory();
        var nested = Path.Combine(directory.Path, "spark", "recovery", "masters");
        await using var mode = From(("spark.deploy.recoveryMode", "FILESYSTEM"), ("spark.deploy.recoveryDirectory", nested));

        await using var term = await mode.Election.CampaignAsync("me");
        await using (var journal = await mode.Journals.OpenAsync(RecoveryMode.Name)) await journal.AppendAsync([new byte[] { 1 }]);

        await using var again = await mode.Journals.OpenAsync(RecoveryMode.Name);
        Assert.That((term.IsCurrent, again.LastSequence), Is.EqualTo((true, 1)));
    }

    [Test]
    public async Task Of_two_masters_on_one_directory_one_leads_and_the_other_follows_when_it_resigns()
    {
        using var directory = new TemporaryDirectory();
        await using var first = From(("spark.deploy.recoveryMode", "FILESYSTEM"), ("spark.deploy.recoveryDirectory", directory.Path));
        await using var second = From(("spark.deploy.recoveryMode", "FILESYSTEM"), ("spark.deploy.recoveryDirectory", directory.Path));
        var leader = await first.Election.CampaignAsync("one");

        var campaign = second.Election.CampaignAsync("two");
        Assert.That(campaign.IsCompleted, Is.False);
        await leader.DisposeAsync();

        Assert.That((await campaign.WaitAsync(TimeSpan.FromSeconds(20))).IsCurrent, Is.True);
        Assert.That(leader.IsCurrent, Is.False);
    }

    [Test]
    public async Task POSTGRESQL_and_ZOOKEEPER_have_stores_and_elections_of_their_own()
    {
        await using var postgreSql =
            From(("spark.deploy.recoveryMode", "postgresql"), ("spark.deploy.postgresql.url", "Host=127.0.0.1;Database=spark;Username=me;Password=secret"));
        await using var zooKeeper = From(("spark.deploy.recoveryMode", "ZOOKEEPER"), ("spark.deploy.zookeeper.url", "127.0.0.1:2181,127.0.0.1:2182"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(postgreSql.Journals, Is.TypeOf<PostgreSqlJournalStore>());
            Assert.That(postgreSql.Election, Is.TypeOf<PostgreSqlElection>());
            Assert.That(zooKeeper.Journals, Is.TypeOf<ZooKeeperJournalStore>());
            Assert.That(zooKeeper.Election, Is.TypeOf<ZooKeeperElection>());
        }
    }

    [TestCase("Sparkish.Tests")]
    [TestCase("PATH")]
    public async Task CUSTOM_asks_the_factory_from_an_assembly_or_a_file(string assembly)
    {
        var file = assembly == "PATH" ? typeof(KeepingFactory).Assembly.Location : assembly;
        await using var mode =
            From(("spark.deploy.recoveryMode", "CUSTOM"),
                ("spark.deploy.recoveryMode.factory", $"{typeof(KeepingFactory).FullName}, {file}"), ("spark.app.name", "asked"));

        Assert.That(await mode.Journals.ListAsync(), Is.EqualTo(new[] { "asked" }));
        Assert.That(mode.Election, Is.TypeOf<SingleLeaderElection>());
    }

    [TestCase("spark.deploy.recoveryMode is 'ROCKSDB' but must be", "ROCKSDB")]
    [TestCase("spark.deploy.recoveryMode is FILESYSTEM, so spark.deploy.recoveryDirectory must be set", "FILESYSTEM")]
    [TestCase("spark.deploy.recoveryMode is POSTGRESQL, so spark.deploy.postgresql.url must be set", "POSTGRESQL")]
    [TestCase("spark.deploy.recoveryMode is ZOOKEEPER, so spark.deploy.zookeeper.url must be set", "ZOOKEEPER")]
    [TestCase("spark.deploy.recoveryMode is CUSTOM, so spark.deploy.recoveryMode.factory must be set", "CUSTOM")]
    [TestCase("spark.deploy.postgresql.url, or a related key, is wrong", "POSTGRESQL", "spark.deploy.postgresql.url=Nonsense=1")]
    [TestCase("sessionTimeout is '100ms' but must be", "POSTGRESQL", "spark.deploy.postgresql.url=Host=h", "spark.deploy.postgresql.sessionTimeout=100ms")]
    [TestCase("spark.deploy.zookeeper.url", "ZOOKEEPER", "spark.deploy.zookeeper.url=host:notaport")]
    [TestCase("it does not name a type", "CUSTOM", "spark.deploy.recoveryMode.factory=No.Such.Type")]
    [TestCase("cannot be loaded", "CUSTOM", "spark.deploy.recoveryMode.factory=No.Such.Type, /no/such/file.dll")]
    [TestCase("does not derive from or implement StandaloneRecoveryModeFactory", "CUSTOM",
        "spark.deploy.recoveryMode.factory=System.String, System.Private.CoreLib")]
    [TestCase("spark.journal.maxWaitingBytes is 1024 bytes but must be at least 16777216",
        "POSTGRESQL", "spark.deploy.postgresql.url=Host=h", "spark.journal.maxWaitingBytes=1k")]
    [TestCase("failed: not today", "CUSTOM", "spark.deploy.recoveryMode.factory=Sparkish.Tests.Recovery.ThrowingFactory, Sparkish.Tests")]
    public void What_is_missing_or_wrong_is_said_at_the_start(string expected, string mode, params string[] more)
    {
        var settings = more.Select(setting => setting.Split('=', 2)).Select(pair => (pair[0], pair[1])).Prepend(("spark.deploy.recoveryMode", mode)).ToArray();

        Assert.That(() => From(settings), Throws.InstanceOf<SparkException>().With.Message.Contains(expected));
    }

    [Test]
    public void The_password_of_a_connection_is_not_in_the_error_about_it()
    {
        var error = Assert.Catch<SparkException>(
            () => From(("spark.deploy.recoveryMode", "POSTGRESQL"), ("spark.deploy.postgresql.url", "Host=h;Password=hunter2;Nonsense=1")));

        Assert.That(error!.ToString(), Does.Not.Contain("hunter2"));
    }

    private static RecoveryMode From(params (string Key, string Value)[] settings) =>
        RecoveryMode.From(settings.Aggregate(new SparkConf(loadDefaults: false), (conf, setting) => conf.Set(setting.Key, setting.Value)),
            TimeProvider.System, NullLoggerFactory.Instance);
}

/// <summary>Gives a store that lists the application's name, to show that it was given the settings.</summary>
public sealed class KeepingFactory : StandaloneRecoveryModeFactory
{
    public override IJournalStore CreateJournalStore(SparkConf conf, TimeProvider time, ILoggerFactory loggers) => new Listing(conf.Get("spark.app.name"));

    private sealed class Listing(string name) : IJournalStore
    {
        private readonly NoJournalStore _inner = new();

        public ValueTask<IJournal> OpenAsync(string name, long? epoch = null, CancellationToken cancellationToken = default) =>
            _inner.OpenAsync(name, epoch, cancellationToken);

        public ValueTask<IJournalReader> OpenReaderAsync(string name, CancellationToken cancellationToken = default) =>
            _inner.OpenReaderAsync(name, cancellationToken);

        public ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) => new([name]);

        public ValueTask DisposeAsync() => _inner.DisposeAsync();
    }
}

/// <summary>Cannot be made.</summary>
public sealed class ThrowingFactory : StandaloneRecoveryModeFactory
{
    public ThrowingFactory() => throw new InvalidOperationException("not today");

    public override IJournalStore CreateJournalStore(SparkConf conf, TimeProvider time, ILoggerFactory loggers) => new NoJournalStore();
}
