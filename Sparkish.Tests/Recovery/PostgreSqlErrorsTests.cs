using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sparkish.Benchmarks.Servers;
using Sparkish.Deploy.Recovery.PostgreSql;
using Sparkish.Persistence;

namespace Sparkish.Tests.Recovery;

/// <summary>What a user is told who set something up wrongly: by the journal and by the election alike.</summary>
public sealed class PostgreSqlErrorsTests
{
    private const string Secret = "hunter2; drop the rest";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Test]
    public async Task A_wrong_password_is_told_without_it()
    {
        var server = await PostgreSqlTestServer.GetAsync();
        var connection = new NpgsqlConnectionStringBuilder(server.UserConnection("postgres")) { Password = Secret }.ConnectionString;

        await AssertToldAsync(
            connection,
                "the server refuses user 'sparkish' (password authentication failed for user \"sparkish\"); check 'Username' and 'Password' in spark.deploy.postgresql.url, and pg_hba.conf.");
    }

    [Test]
    public async Task A_missing_password_is_told()
    {
        var server = await PostgreSqlTestServer.GetAsync();
        var connection = new NpgsqlConnectionStringBuilder(server.UserConnection("postgres")) { Password = null }.ConnectionString;

        await AssertToldAsync(connection, "No password has been provided");
    }

    [Test]
    public async Task A_database_that_is_not_there_is_told()
    {
        var server = await PostgreSqlTestServer.GetAsync();

        await AssertToldAsync(server.UserConnection("nowhere"),
            "database \"nowhere\" does not exist; create it (CREATE DATABASE), or correct 'Database' in spark.deploy.postgresql.url.");
    }

    [Test]
    public async Task A_missing_right_is_told_and_a_schema_that_was_granted_is_enough()
    {
        var server = await PostgreSqlTestServer.GetAsync();
        await server.ExecuteAsync("CREATE DATABASE foreign_db");
        var connection = server.UserConnection("foreign_db");

        await AssertToldAsync(
            connection,
                "user 'sparkish' lacks a privilege (permission denied for database foreign_db); grant CREATE on the database, or let its owner create schema \"sparkish\" and grant it to the user.");
        await server.ExecuteAsync($"CREATE SCHEMA sparkish AUTHORIZATION {PostgreSqlServer.User}", "foreign_db");
        await using var store = NewStore(connection);

        Assert.That((await store.OpenAsync("master")).Epoch, Is.EqualTo(1));
    }

    [Test]
    public async Task Tables_of_a_later_version_are_left_alone()
    {
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using (var store = NewStore(connection)) await store.OpenAsync("master");
        await using var by = new NpgsqlConnection(connection);
        await by.OpenAsync();
        await using var change = new NpgsqlCommand("UPDATE sparkish.schema_version SET version = 99", by);
        await change.ExecuteNonQueryAsync();

        await AssertToldAsync(connection, "its tables are of version 99, and this program knows up to 2; use a later Sparkish, or another schema.");
    }

    [Test]
    public async Task A_standby_is_told_from_a_primary()
    {
        var server = await PostgreSqlTestServer.GetAsync();
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await server.ExecuteAsync($"ALTER DATABASE {new NpgsqlConnectionStringBuilder(connection).Database} SET default_transaction_read_only = on");
        await using var store = NewStore(connection);

        var failure = Assert.CatchAsync<JournalException>(async () => await store.OpenAsync("master"));

        Assert.That(failure!.Message,
            Does.EndWith("it is read-only, as a standby is; connect to the primary, or list all hosts in 'Host' with 'Target Session Attributes=primary'."));
    }

    [Test]
    public async Task A_server_that_is_not_there_is_told_by_the_journal_and_waited_for_by_the_election()
    {
        await using var server = await PostgreSqlTestServer.StartOwnAsync();
        var connection = await server.CreateDatabaseAsync();
        await server.StopAsync();
        await using var store = NewStore(connection);
        var log = new RecordingLog();
        await using var election = new PostgreSqlElection(connection, "sparkish", "master", TimeSpan.FromSeconds(1), TimeProvider.System, log);

        var failure = Assert.CatchAsync<JournalException>(async () => await store.OpenAsync("master"));
        var campaign = election.CampaignAsync("one");
        await log.WhenLoggedAsync("check that the server runs").WaitAsync(Patience);
        await server.StartAgainAsync();

        Assert.That(failure!.Message, Does.StartWith("Cannot open journal 'master' in database 'db1' at 127.0.0.1:")
            .And.Contains("check that the server runs, and 'Host' and 'Port' in spark.deploy.postgresql.url."));
        await using var term = await campaign.WaitAsync(Patience);
        Assert.That(term.IsCurrent, Is.True);
    }

    [Test]
    public async Task Of_several_hosts_the_one_that_serves_is_taken()
    {
        var server = await PostgreSqlTestServer.GetAsync();
        await using var stopped = await PostgreSqlTestServer.StartOwnAsync();
        await stopped.StopAsync();
        var both = new NpgsqlConnectionStringBuilder(await PostgreSqlTestServer.NewDatabaseAsync())
        {
            Host = $"127.0.0.1:{stopped.Port},127.0.0.1:{server.Port}",
        };
        await using var store = NewStore(both.ConnectionString);
        await using var election =
            new PostgreSqlElection(both.ConnectionString, "sparkish", "master", TimeSpan.FromSeconds(1), TimeProvider.System, NullLogger.Instance);

        await using var term = await election.CampaignAsync("one").WaitAsync(Patience);
        var journal = await store.OpenAsync("master", term.Epoch);

        Assert.That(await journal.AppendAsync([new byte[1]]), Is.EqualTo(1));
    }

    [Test]
    public async Task Several_hosts_of_which_none_serves_are_told_and_waited_for()
    {
        await using var stopped = await PostgreSqlTestServer.StartOwnAsync();
        var both = new NpgsqlConnectionStringBuilder(await stopped.CreateDatabaseAsync()) { Host = $"127.0.0.1:{stopped.Port},127.0.0.1:{stopped.Port}" };
        await stopped.StopAsync();
        await using var store = NewStore(both.ConnectionString);
        var log = new RecordingLog();
        await using var election = new PostgreSqlElection(both.ConnectionString, "sparkish", "master", TimeSpan.FromSeconds(1), TimeProvider.System, log);

        var failure = Assert.CatchAsync<JournalException>(async () => await store.OpenAsync("master"));
        var campaign = election.CampaignAsync("one");
        await log.WhenLoggedAsync("check that the server runs").WaitAsync(Patience);

        Assert.That(failure!.Message, Does.Contain("check that the server runs"));
        Assert.That(campaign.IsCompleted, Is.False);
    }

    [TestCase("Host=h;Password=hunter2; drop the rest")]
    [TestCase("postgresql://user:hunter2; drop the rest@host/database")]
    [TestCase("Host=h;Port=hunter2")]
    [TestCase("Password=hunter2")]
    [TestCase("")]
    public void What_is_no_connection_is_told_without_its_text(string connection)
    {
        var failure = Assert.Catch<ArgumentException>(() => NewStore(connection));

        Assert.That(failure!.ToString(),
            Does.StartWith(
                "System.ArgumentException: spark.deploy.postgresql.url is not a connection string of PostgreSQL: write 'Host=…;Database=…;Username=…;Password=…', a value with ';'"));
        Assert.That(failure.ToString(), Does.Not.Contain("hunter2").And.Not.Contain("drop the rest"));
    }

    [TestCase("")]
    [TestCase("1st")]
    [TestCase("pg_mine")]
    [TestCase("a\"; DROP TABLE x; --")]
    public void What_is_no_schema_is_refused(string schema) =>
        Assert.That(() => new PostgreSqlJournalStore("Host=h", schema, TimeProvider.System, NullLogger.Instance),
            Throws.ArgumentException.With.Message.StartsWith($"spark.deploy.postgresql.schema is '{schema}': use up to 63 letters"));

    [Test]
    public void A_session_timeout_out_of_range_is_refused() =>
        Assert.That(() => new PostgreSqlElection("Host=h", "s", "n", TimeSpan.FromMilliseconds(10), TimeProvider.System, NullLogger.Instance),
            Throws.ArgumentException.With.Message.StartsWith("spark.deploy.postgresql.sessionTimeout is '10ms' but must be from 1 second to 1 hour"));

    private static PostgreSqlJournalStore NewStore(string connection) => new(connection, "sparkish", TimeProvider.System, NullLogger.Instance);

    /// <summary>Journal and election refuse a connection, say why, and keep the password to themselves.</summary>
    private static async Task AssertToldAsync(string connection, string told)
    {
        var log = new RecordingLog();
        await using var store = new PostgreSqlJournalStore(connection, "sparkish", TimeProvider.System, log);
        await using var election = new PostgreSqlElection(connection, "sparkish", "master", TimeSpan.FromSeconds(1), TimeProvider.System, log);

        var journal = Assert.CatchAsync<JournalException>(async () => await store.OpenAsync("master"));
        var campaign = Assert.CatchAsync<JournalException>(async () => await election.CampaignAsync("one").WaitAsync(Patience));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(journal!.Message, Does.Contain(told));
            Assert.That(campaign!.Message, Does.Contain(told));
            var password = new NpgsqlConnectionStringBuilder(connection).Password ?? PostgreSqlServer.Password;
            Assert.That($"{journal}{campaign}{string.Join('\n', log.Lines)}", Does.Not.Contain(password));
        }
    }
}
