using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Sparkish.Benchmarks.Servers;
using Sparkish.Deploy.Recovery.PostgreSql;
using Sparkish.Persistence;
using Sparkish.TestKit;
using Sparkish.Tests.Conformance;

namespace Sparkish.Tests.Recovery;

public sealed class PostgreSqlElectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SessionTimeout = TimeSpan.FromSeconds(2);

    [Test]
    public async Task Of_many_candidates_one_leads_and_each_that_resigns_is_followed_by_one()
    {
        const int Candidates = 8;
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        var elections = Enumerable.Range(0, Candidates).Select(_ => New(connection)).ToList();
        var campaigns = elections.Select((election, i) => election.CampaignAsync($"candidate {i}")).ToList();

        var epochs = new List<long>();
        for (ILeaderTerm? before = null; campaigns.Count > 0;)
        {
            var elected = await Task.WhenAny(campaigns).WaitAsync(Patience);
            campaigns.Remove(elected);
            var term = await elected;
            Assert.That(before?.IsCurrent, Is.Not.True);
            Assert.That((term.IsCurrent, campaigns.Any(campaign => campaign.IsCompleted)), Is.EqualTo((true, false)));
            epochs.Add(term.Epoch!.Value);
            before = term;
            await term.DisposeAsync();
            Assert.That((term.IsCurrent, term.Ended.IsCancellationRequested), Is.EqualTo((false, true)));
        }

        Assert.That(epochs, Is.EqualTo(Enumerable.Range(1, Candidates).Select(i => (long)i)));
        foreach (var election in elections) await election.DisposeAsync();
    }

    [Test]
    public async Task A_leader_that_is_cut_off_stops_before_the_next_one_starts()
    {
        var server = await PostgreSqlTestServer.GetAsync();
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var proxy = new LoopbackProxy();
        proxy.Start(server.Port);
        await using var cutOff = New(new NpgsqlConnectionStringBuilder(connection) { Port = proxy.Port }.ConnectionString);
        await using var other = New(connection);
        await using var first = await cutOff.CampaignAsync("cut off").WaitAsync(Patience);
        var following = FollowAsync(other, first);

        proxy.Cut();
        var (second, wasCurrent) = await following.WaitAsync(Patience);

        Assert.That((wasCurrent, second.IsCurrent), Is.EqualTo((false, true)));
        Assert.That(second.Epoch, Is.EqualTo(first.Epoch + 1));
        await WhenEndedAsync(first);
        await second.DisposeAsync();
    }

    [TestCase("backend")]
    [TestCase("session")]
    [TestCase("server")]
    public async Task A_leader_that_is_cut_off_stops_before_the_next_one_starts_whatever_dies_on_the_server(string dying)
    {
        await using var server = await PostgreSqlTestServer.StartOwnAsync();
        var connection = await server.CreateDatabaseAsync();
        await using var proxy = new LoopbackProxy();
        proxy.Start(server.Port);
        await using var cutOff = New(new NpgsqlConnectionStringBuilder(connection) { Port = proxy.Port }.ConnectionString);
        await using var other = New(connection);
        await using var first = await cutOff.CampaignAsync("cut off").WaitAsync(Patience);
        var following = FollowAsync(other, first);

        proxy.Cut();
        switch (dying)
        {
            case "backend":
                server.KillBackend();
                break;
            case "session":
                await server.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sparkish election'");
                break;
            default:
                await server.KillAsync();
                await server.StartAgainAsync();
                break;
        }

        var (second, wasCurrent) = await following.WaitAsync(Patience);

        Assert.That((wasCurrent, second.IsCurrent), Is.EqualTo((false, true)));
        Assert.That(second.Epoch, Is.EqualTo(first.Epoch + 1));
        await WhenEndedAsync(first);
        await second.DisposeAsync();
    }

    [Test]
    public async Task Tables_of_the_first_version_are_brought_up_to_date_and_keep_their_epochs()
    {
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var election = New(connection);
        await (await election.CampaignAsync("one").WaitAsync(Patience)).DisposeAsync();
        await using var by = new NpgsqlConnection(connection);
        await by.OpenAsync();
        await using var back = new NpgsqlCommand(
            "ALTER TABLE sparkish.terms DROP COLUMN alive, DROP COLUMN timeout; UPDATE sparkish.schema_version SET version = 1", by);
        await back.ExecuteNonQueryAsync();

        await using var later = New(connection);
        await using var term = await later.CampaignAsync("two").WaitAsync(Patience);

        Assert.That((term.Epoch, term.IsCurrent), Is.EqualTo((2L, true)));
    }

    [Test]
    public async Task A_promoted_standby_has_the_next_leader_with_all_events_and_the_change_is_logged()
    {
        await using var primary = await PostgreSqlTestServer.StartOwnAsync();
        var database = new NpgsqlConnectionStringBuilder(await primary.CreateDatabaseAsync());
        await using var standby = await PostgreSqlServer.StartStandbyAsync(primary);
        database.Host = $"127.0.0.1:{primary.Port},127.0.0.1:{standby.Port}";
        database.Remove("Port");
        var log = new RecordingLog();
        await using var leading = New(database.ConnectionString);
        await using var waiting = New(database.ConnectionString, log);
        await using var store = NewStore(database.ConnectionString);
        await using var first = await leading.CampaignAsync("first").WaitAsync(Patience);
        var journal = await store.OpenAsync("master", first.Epoch);
        await journal.AppendAsync(["one"u8.ToArray(), "two"u8.ToArray()]).AsTask().WaitAsync(Patience);
        var following = FollowAsync(waiting, first);
        await log.WhenLoggedAsync("became a candidate in election").WaitAsync(Patience);
        await WhenSessionsAsync(primary.UserConnection(database.Database!), sessions => sessions >= 2);

        await primary.KillAsync();
        var killed = TimeProvider.System.GetTimestamp();
        await standby.PromoteAsync();
        var promoted = TimeProvider.System.GetTimestamp();
        var (second, wasCurrent) = await following.WaitAsync(Patience);
        await TestContext.Out.WriteLineAsync($"The next leader led {TimeProvider.System.GetElapsedTime(promoted)} after the promotion and "
            + $"{TimeProvider.System.GetElapsedTime(killed)} after the primary was killed.");
        var again = await store.OpenAsync("master", second.Epoch).AsTask().WaitAsync(Patience);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((wasCurrent, second.IsCurrent, second.Epoch), Is.EqualTo((false, true, first.Epoch + 1)));
            Assert.That(again.LastSequence, Is.EqualTo(2));
            Assert.That(log.Lines, Has.Some.Contains($"switched from PostgreSQL server 127.0.0.1:{primary.Port} to 127.0.0.1:{standby.Port}"));
        }

        await second.DisposeAsync();
    }

    [Test]
    public async Task A_leader_whose_connection_is_reset_stops_at_once()
    {
        var server = await PostgreSqlTestServer.GetAsync();
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var proxy = new LoopbackProxy();
        proxy.Start(server.Port);
        var log = new RecordingLog();
        await using var election = New(new NpgsqlConnectionStringBuilder(connection) { Port = proxy.Port }.ConnectionString, log);
        await using var term = await election.CampaignAsync("one").WaitAsync(Patience);

        proxy.Kill();
        await WhenEndedAsync(term);

        Assert.That(term.IsCurrent, Is.False);
        Assert.That(log.Lines, Has.Some.StartsWith("one no longer leads master, epoch 1 ended: its session ended ("));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_term_ends_with_the_server_and_the_next_campaign_waits_until_it_is_back(bool killed)
    {
        await using var server = await PostgreSqlTestServer.StartOwnAsync();
        var connection = await server.CreateDatabaseAsync();
        await using var election = New(connection);
        await using var other = New(connection);
        var first = await election.CampaignAsync("one").WaitAsync(Patience);
        var waiting = FollowAsync(other, first);

        await (killed ? server.KillAsync() : server.StopAsync());
        await WhenEndedAsync(first);
        var again = FollowAsync(election, first);
        await server.StartAgainAsync();
        var ((second, wasCurrent), elected) = await FirstAsync(waiting, again);
        await second.DisposeAsync();
        var (third, _) = await (elected == waiting ? again : waiting).WaitAsync(Patience);

        Assert.That((first.IsCurrent, wasCurrent), Is.EqualTo((false, false)));
        Assert.That(new[] { first.Epoch, second.Epoch, third.Epoch }, Is.EqualTo(new long?[] { 1, 2, 3 }));
    }

    [Test]
    public async Task A_candidate_that_withdraws_leaves_no_session_and_may_stand_again()
    {
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var leading = New(connection);
        await using var election = New(connection);
        var term = await leading.CampaignAsync("one").WaitAsync(Patience);
        using var withdrawal = new CancellationTokenSource();
        var campaign = election.CampaignAsync("two", withdrawal.Token);
        await WhenSessionsAsync(connection, sessions => sessions == 2);

        await withdrawal.CancelAsync();
        Assert.That(async () => await campaign.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
        await WhenSessionsAsync(connection, sessions => sessions == 1);
        await term.DisposeAsync();
        await using var next = await election.CampaignAsync("two").WaitAsync(Patience);

        Assert.That(next.Epoch, Is.EqualTo(2));
    }

    [Test]
    public async Task One_object_stands_once()
    {
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var leading = New(connection);
        await using var standing = New(connection);
        await using var term = await leading.CampaignAsync("one").WaitAsync(Patience);
        var campaign = standing.CampaignAsync("two");

        Assert.That(async () => await leading.CampaignAsync("one"), Throws.InvalidOperationException);
        Assert.That(async () => await standing.CampaignAsync("two"), Throws.InvalidOperationException);
        await standing.DisposeAsync();
        Assert.That(async () => await campaign.WaitAsync(Patience), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(async () => await standing.CampaignAsync("two"), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task A_leader_goes_on_for_longer_than_the_session_timeout_as_long_as_it_pings()
    {
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        await using var election = New(connection);
        await using var term = await election.CampaignAsync("one").WaitAsync(Patience);

        // The server's clock tells when the timeout is over twice.
        await using var by = new NpgsqlConnection(connection);
        await by.OpenAsync();
        await using var pause = new NpgsqlCommand($"SELECT pg_sleep({2 * SessionTimeout.TotalSeconds})", by);
        await pause.ExecuteNonQueryAsync();

        Assert.That((term.IsCurrent, term.Ended.IsCancellationRequested), Is.EqualTo((true, false)));
    }

    [Test]
    public async Task Whatever_sessions_are_ended_terms_follow_one_another_in_the_journal([Range(1, 6)] int seed)
    {
        var random = new Random(seed);
        var server = await PostgreSqlTestServer.GetAsync();
        var connection = await PostgreSqlTestServer.NewDatabaseAsync();
        using var stop = new CancellationTokenSource();
        var acknowledged = new List<(long Epoch, long Sequence)>[4];
        var candidates = Enumerable.Range(0, acknowledged.Length).Select(i => LeadAgainAndAgainAsync(connection, i, acknowledged[i] = [], stop.Token)).ToList();

        for (var i = 0; i < 12; i++)
        {
            await WhenSessionsAsync(connection, sessions => sessions > 0);
            var what = random.Next(3) switch
            {
                0 => "application_name = 'sparkish election' AND wait_event_type = 'Client'", // The leader's.
                1 => "application_name = 'sparkish election'", // All that lead and stand.
                _ => "application_name = 'sparkish journal'",
            };
            await server.ExecuteAsync(
                $"SELECT pg_terminate_backend(pid), pg_sleep(0.0{random.Next(10)}) FROM pg_stat_activity WHERE datname = '{DatabaseOf(connection)}' AND {what}");
        }

        await stop.CancelAsync();
        await Task.WhenAll(candidates).WaitAsync(Patience);
        await using var store = NewStore(connection);
        var events = new List<(long Epoch, long Sequence, string Text)>();
        if ((await store.ListAsync()).Count > 0) // No one came to write at all.
            events = await (await store.OpenReaderAsync("master")).ReadAsync(0)
                .Select(e => (e.Epoch, e.Sequence, Encoding.UTF8.GetString(e.Payload.Span))).ToListAsync();
        Assert.That(events.Select(e => e.Sequence), Is.EqualTo(Enumerable.Range(1, events.Count).Select(i => (long)i)));
        Assert.That(events.Select(e => e.Epoch), Is.Ordered);
        Assert.That(events.GroupBy(e => e.Epoch).Select(term => term.Select(e => e.Text).Distinct().Count()), Is.All.EqualTo(1));
        Assert.That(acknowledged.SelectMany(all => all), Is.SubsetOf(events.Select(e => (e.Epoch, e.Sequence)).ToHashSet()));
    }

    private static async Task LeadAgainAndAgainAsync(string connection, int index, List<(long Epoch, long Sequence)> acknowledged, CancellationToken stop)
    {
        await using var election = New(connection);
        await using var store = NewStore(connection);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await using var term = await election.CampaignAsync($"candidate {index}", stop);
                await using var journal = await store.OpenAsync("master", term.Epoch, stop);
                while (term.IsCurrent && !stop.IsCancellationRequested)
                    acknowledged.Add((term.Epoch!.Value, await journal.AppendAsync([Encoding.UTF8.GetBytes($"candidate {index}")], CancellationToken.None)));
            }
            catch (Exception e) when (e is JournalException || (e is OperationCanceledException && stop.IsCancellationRequested))
            {
                // Its session or its term is over; it stands again, or the test ends.
            }
        }
    }

    private static PostgreSqlElection New(string connection, RecordingLog? log = null) =>
        new(connection, "sparkish", "master", SessionTimeout, TimeProvider.System, log is null ? NullLogger.Instance : log);

    private static PostgreSqlJournalStore NewStore(string connection) => new(connection, "sparkish", TimeProvider.System, NullLogger.Instance);

    private static string DatabaseOf(string connection) => new NpgsqlConnectionStringBuilder(connection).Database!;

    /// <summary>Stands, and looks at the moment of its election whether another term still takes itself for the current one.</summary>
    private static async Task<(ILeaderTerm Term, bool OtherWasCurrent)> FollowAsync(PostgreSqlElection election, ILeaderTerm other)
    {
        var term = await election.CampaignAsync("next");
        return (term, other.IsCurrent);
    }

    private static async Task<(T Result, Task<T> Task)> FirstAsync<T>(params Task<T>[] tasks)
    {
        var first = await Task.WhenAny(tasks).WaitAsync(Patience);
        return (await first, first);
    }

    private static async Task WhenEndedAsync(ILeaderTerm term)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = term.Ended.Register(ended.SetResult);
        await ended.Task.WaitAsync(Patience);
    }

    /// <summary>Waits for a number of sessions that stand or lead.</summary>
    private static async Task WhenSessionsAsync(string connection, Func<long, bool> wanted)
    {
        await using var by = new NpgsqlConnection(connection);
        await by.OpenAsync();
        await using var find = new NpgsqlCommand(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'sparkish election'", by);
        await Eventually.AwaitConditionAsync(TimeProvider.System, () => wanted((long)find.ExecuteScalar()!), "as many candidates as wanted have sessions");
    }
}
