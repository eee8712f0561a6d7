using System.Runtime.Versioning;
using Sparkish.Deploy.Recovery.Raft;
using Sparkish.Persistence;

namespace Sparkish.Tests.Recovery.Raft;

/// <summary>Members that restart, lose their disk, or find it damaged or another member's.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RaftRestartTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Test]
    public async Task All_members_restart_and_the_journal_goes_on()
    {
        await using var group = await RaftGroup.StartAsync();
        var (host, term) = await RaftElectionTests.LeadAsync(group.On);
        await AppendAsync(host, term, total: 20, bytes: 10);

        for (var i = 0; i < 3; i++) await group.StopAsync(i);
        for (var i = 0; i < 3; i++) await group.StartAsync(i);
        var (next, later) = await RaftElectionTests.LeadAsync(group.On);

        Assert.That(later.Epoch, Is.GreaterThan(term.Epoch!.Value));
        await AssertEventsAsync(next, later, 20);
    }

    [Test]
    public async Task A_member_with_an_empty_disk_catches_up_and_then_its_vote_counts()
    {
        await using var group = await RaftGroup.StartAsync();
        var (host, term) = await RaftElectionTests.LeadAsync([group.On.First()]);
        term = await AppendAsync(host, term, total: 3, bytes: 10);
        await group.StopAsync(2);
        Directory.Delete(group.DirectoryOf(2), recursive: true);

        var replaced = await group.StartAsync(2);
        await replaced.Log.WhenLoggedAsync("votes only after it has caught up").WaitAsync(Patience);
        await AppendAsync(host, term, total: 6, bytes: 10);
        await replaced.Log.WhenLoggedAsync("votes from now on: it has caught up").WaitAsync(Patience);
        await group.StopAsync(host);
        var (next, later) = await RaftElectionTests.LeadAsync([group.On.First()]);

        await AssertEventsAsync(next, later, 6);
    }

    [Test, Long]
    public async Task A_member_that_was_away_gets_a_snapshot_of_what_the_log_no_longer_has()
    {
        const int count = 24;
        await using var group = await RaftGroup.StartAsync(electionSeconds: 1);
        await group.StopAsync(2);
        Directory.Delete(group.DirectoryOf(2), recursive: true);
        var first = await group.StartAsync(2); // all three are new, so that the group can begin
        await first.Log.WhenLoggedAsync("votes from now on").WaitAsync(Patience);
        var (host, term) = await RaftElectionTests.LeadAsync([group.On.First()]);
        await group.StopAsync(2);
        term = await AppendAsync(host, term, count, bytes: 1 << 20);
        Assert.That(Directory.EnumerateFiles(group.DirectoryOf(0), "snapshot-*"), Is.Not.Empty, "the log was compacted");
        Assert.That(Directory.EnumerateFiles(group.DirectoryOf(0), "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length),
            Is.LessThan(3L * count << 20), "and is bounded");

        await group.StopAsync(1);
        await group.StartAsync(2);
        await AppendAsync(host, term, total: count + 1, bytes: 10); // by a majority of the leader and the member that was away
        await group.StopAsync(host);
        await group.StartAsync(1);
        var (next, later) = await RaftElectionTests.LeadAsync([group.On.Last()]);

        await AssertEventsAsync(next, later, count + 1);
    }

    [TestCase("vote")]
    [TestCase("member")]
    [TestCase("log/data/0")]
    [TestCase("log/metadata/0")]
    public async Task A_damaged_directory_is_refused_with_what_to_do(string file)
    {
        await using var group = await RaftGroup.StartAsync();
        var (host, term) = await RaftElectionTests.LeadAsync([group.On.First()]);
        await AppendAsync(host, term, total: 5, bytes: 100);
        await group.StopAsync(0);
        var path = Path.Combine(group.DirectoryOf(0), file);
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[file.StartsWith("log", StringComparison.Ordinal) ? 80 : bytes.Length / 2] ^= 0x10;
        await File.WriteAllBytesAsync(path, bytes);

        var error = Assert.CatchAsync<JournalCorruptException>(async () => await group.StartAsync(0));

        Assert.That(error!.Message, Does.Contain(group.DirectoryOf(0)).And.Contain("move this directory away"));
    }

    [Test]
    public async Task A_directory_of_another_member_or_in_use_is_refused()
    {
        await using var group = await RaftGroup.StartAsync();
        await using var second = new RaftMember(group.OptionsOf(0), group.Conf, TimeProvider.System, new RecordingLog());
        Assert.That(async () => await second.NodeAsync(CancellationToken.None),
            Throws.InstanceOf<JournalException>().With.Message.Contains(group.DirectoryOf(0)));
        await RaftElectionTests.LeadAsync([group.On.First()]);
        await group.StopAsync(0);
        await group.StopAsync(1);

        var foreign = group.OptionsOf(1) with { Directory = group.DirectoryOf(0) };

        Assert.That(async () => await group.StartAsync(1, foreign), Throws.InstanceOf<JournalException>().With.Message
            .Contains(RaftOptions.Text(foreign.Self)).And.Message.Contains("spark.deploy.raft.directory"));
    }

    [Test]
    public async Task A_member_of_another_cluster_is_refused()
    {
        await using var group = await RaftGroup.StartAsync();
        await RaftElectionTests.LeadAsync([group.On.First()]);
        await group.StopAsync(2);
        var member = Path.Combine(group.DirectoryOf(2), "member");
        var lines = await File.ReadAllLinesAsync(member);
        await File.WriteAllLinesAsync(member, [lines[0], Guid.NewGuid().ToString("N")]);

        var stranger = await group.StartAsync(2);

        await group.On.First().Log.WhenLoggedAsync("belongs to cluster").WaitAsync(Patience);
        Assert.That(group.On.First().Log.Lines, Has.Some.Contains(stranger.Member.Name).And.Some.Contains("spark.deploy.raft.directory"));
    }

    [Test]
    public async Task A_member_without_the_secret_is_refused()
    {
        await using var group = await RaftGroup.StartAsync();
        await RaftElectionTests.LeadAsync([group.On.First()]);
        await group.StopAsync(2);
        group.Conf = new SparkConf().Set("spark.authenticate.secret", "another secret, of another cluster");

        var stranger = await group.StartAsync(2);
        Assert.That(async () => await stranger.Store.OpenReaderAsync("master", new CancellationTokenSource(TimeSpan.FromSeconds(2)).Token),
            Throws.InstanceOf<OperationCanceledException>().Or.InstanceOf<JournalException>());

        Assert.That(group.On.First().Log.Lines.Concat(stranger.Log.Lines), Has.Some.Contains("secret"));
    }

    [Test]
    [Platform(Exclude = "Win")]
    [UnsupportedOSPlatform("windows")]
    public async Task The_files_are_this_users_alone()
    {
        await using var group = await RaftGroup.StartAsync();

        var directories = new[] { group.DirectoryOf(0), Path.Combine(group.DirectoryOf(0), "log") };

        Assert.That(directories.Select(File.GetUnixFileMode), Is.All.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    // Until the journal has so many events. On a busy machine the leader may lose its term meanwhile, and stands again.
    private static async Task<ILeaderTerm> AppendAsync(RaftGroup.Host host, ILeaderTerm term, int total, int bytes)
    {
        while (true)
        {
            try
            {
                await using var journal = await host.Store.OpenAsync("master", term.Epoch);
                while (journal.LastSequence < total)
                {
                    var payload = new byte[bytes];
                    BitConverter.TryWriteBytes(payload, (int)journal.LastSequence + 1);
                    await journal.AppendAsync([payload]).AsTask().WaitAsync(Patience);
                }

                return term;
            }
            catch (JournalException)
            {
                await term.DisposeAsync();
                term = await host.Election.CampaignAsync("again").WaitAsync(Patience);
            }
        }
    }

    private static async Task AssertEventsAsync(RaftGroup.Host host, ILeaderTerm term, int count)
    {
        await using var journal = await host.Store.OpenAsync("master", term.Epoch);
        Assert.That(await journal.ReadAsync(0).Select(entry => BitConverter.ToInt32(entry.Payload.Span)).ToListAsync(), Is.EqualTo(Enumerable.Range(1, count)));
    }
}
