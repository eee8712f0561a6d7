using Sparkish.Deploy.Recovery.ZooKeeper;
using Sparkish.Persistence;

namespace Sparkish.Tests.Recovery.ZooKeeper;

[TestFixture]
internal sealed class ZooKeeperElectionTests : ZooKeeperTest
{
    [Test]
    public async Task Of_many_candidates_one_leads_and_each_that_resigns_is_followed_by_one()
    {
        var elections = Enumerable.Range(0, 12).Select(_ => Election()).ToList();
        var campaigns = elections.Select((election, i) => election.CampaignAsync($"candidate {i}")).ToList();

        var epochs = new List<long>();
        for (ILeaderTerm? before = null; campaigns.Count > 0;)
        {
            var elected = await Task.WhenAny(campaigns).WaitAsync(Patience);
            campaigns.Remove(elected);
            var term = await elected;
            Assert.That(before?.IsCurrent, Is.Not.True);
            Assert.That((term.IsCurrent, term.Ended.IsCancellationRequested, campaigns.Any(campaign => campaign.IsCompleted)),
                Is.EqualTo((true, false, false)));
            epochs.Add(term.Epoch!.Value);
            before = term;
            await term.DisposeAsync();
            Assert.That((term.IsCurrent, term.Ended.IsCancellationRequested), Is.EqualTo((false, true)));
        }

        Assert.That(epochs, Is.Ordered.Ascending.And.Unique);
        Assert.That((await Client().GetChildrenAsync(Candidates)).Names, Is.Empty);
    }

    [Test]
    public async Task A_leader_that_is_cut_off_stops_before_the_next_one_starts()
    {
        var gate = Gate();
        var first = await Election(gate.Url, sessionSeconds: 1).CampaignAsync("first").WaitAsync(Patience);
        var following = FollowAsync(Election(sessionSeconds: 1), first);

        gate.Cut();
        var (second, wasCurrent) = await following.WaitAsync(Patience);

        Assert.That((wasCurrent, first.Ended.IsCancellationRequested, second.IsCurrent), Is.EqualTo((false, true, true)));
        Assert.That(second.Epoch, Is.GreaterThan(first.Epoch!.Value));
        gate.Mend();
        Assert.That(first.IsCurrent, Is.False, "it stays over");
    }

    [Test]
    public async Task A_leader_that_hears_nothing_any_more_stops_before_the_next_one_starts()
    {
        var gate = Gate();
        var first = await Election(gate.Url, sessionSeconds: 1).CampaignAsync("first").WaitAsync(Patience);
        var following = FollowAsync(Election(sessionSeconds: 1), first);

        gate.Hold();
        var (second, wasCurrent) = await following.WaitAsync(Patience);

        Assert.That((wasCurrent, second.IsCurrent), Is.EqualTo((false, true)));
    }

    [Test]
    public async Task A_leader_whose_connection_breaks_goes_on()
    {
        var gate = Gate();
        var term = await Election(gate.Url).CampaignAsync("one").WaitAsync(Patience);

        for (var i = 1; i <= 3; i++)
        {
            gate.Break();
            await AcceptedAsync(gate, 1 + i);
        }

        Assert.That((term.IsCurrent, (await Client().GetChildrenAsync(Candidates)).Names.Count), Is.EqualTo((true, 1)));
    }

    [Test]
    public async Task A_leader_whose_node_is_taken_away_stops_and_may_stand_again()
    {
        var election = Election();
        var first = await election.CampaignAsync("one").WaitAsync(Patience);
        var client = Client();

        await client.SyncAsync("/");
        await client.DeleteAsync($"{Candidates}/{(await client.GetChildrenAsync(Candidates)).Names.Single()}");
        await EndedAsync(first);
        var second = await election.CampaignAsync("one").WaitAsync(Patience);

        Assert.That((first.IsCurrent, second.IsCurrent), Is.EqualTo((false, true)));
        Assert.That(second.Epoch, Is.GreaterThan(first.Epoch!.Value));
    }

    [Test]
    public async Task A_candidate_whose_session_ends_while_it_waits_stands_again()
    {
        var gate = Gate();
        var first = await Election().CampaignAsync("first").WaitAsync(Patience);
        var waiting = Election(gate.Url, sessionSeconds: 1).CampaignAsync("second");
        var client = Client();
        await CandidatesAsync(client, 2);

        gate.Cut();
        await CandidatesAsync(client, 1);
        gate.Mend();
        await CandidatesAsync(client, 2);
        Assert.That(waiting.IsCompleted, Is.False);
        await first.DisposeAsync();

        Assert.That((await waiting.WaitAsync(Patience)).IsCurrent, Is.True);
    }

    [TestCase(3)]
    [TestCase(20, Category = LongAttribute.Category)]
    public async Task A_candidate_that_never_heard_that_its_node_was_made_has_one_all_the_same(int breaks)
    {
        var gate = Gate();
        var client = Client();
        await client.EnsureAsync(Candidates);
        gate.HoldReplies();
        var campaign = Election(gate.Url).CampaignAsync("one");
        gate.Release();
        for (var i = 0; i < breaks; i++)
        {
            gate.Break();
            await AcceptedAsync(gate, gate.Accepted + 1);
        }

        var term = await campaign.WaitAsync(Patience);

        await client.SyncAsync("/");
        Assert.That((term.IsCurrent, (await client.GetChildrenAsync(Candidates)).Names.Count), Is.EqualTo((true, 1)));
    }

    [Test]
    public async Task A_candidate_that_withdraws_is_in_nobodys_way()
    {
        var first = await Election().CampaignAsync("first").WaitAsync(Patience);
        var client = Client();
        using var withdrawal = new CancellationTokenSource();
        var election = Election();
        var second = election.CampaignAsync("second", withdrawal.Token);
        await CandidatesAsync(client, 2);
        var third = Election().CampaignAsync("third");
        await CandidatesAsync(client, 3);

        await withdrawal.CancelAsync();
        Assert.That(async () => await second.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
        await CandidatesAsync(client, 2);
        Assert.That((first.IsCurrent, third.IsCompleted), Is.EqualTo((true, false)));
        var again = election.CampaignAsync("second");
        await first.DisposeAsync();

        Assert.That((await third.WaitAsync(Patience)).IsCurrent, Is.True);
        Assert.That(again.IsCompleted, Is.False);
    }

    [Test]
    public async Task One_object_stands_once()
    {
        var (leading, standing) = (Election(), Election());
        await leading.CampaignAsync("one").WaitAsync(Patience);
        var campaign = standing.CampaignAsync("two");

        Assert.That(async () => await leading.CampaignAsync("one"), Throws.InvalidOperationException);
        Assert.That(async () => await standing.CampaignAsync("two"), Throws.InvalidOperationException);
        await standing.DisposeAsync();
        Assert.That(async () => await campaign.WaitAsync(Patience), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(async () => await standing.CampaignAsync("two"), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public async Task Who_has_no_right_is_told_so_at_once()
    {
        await Election(credentials: "spark:secret").CampaignAsync("one").WaitAsync(Patience);

        var refused = Assert.CatchAsync<JournalException>(async () => await Election(credentials: "spark:wrong").CampaignAsync("two").WaitAsync(Patience));

        Assert.That(refused!.Message, Does.Contain(Candidates).And.Contain("spark.deploy.zookeeper.credentials"));
    }

    // The term that follows, and whether the one before took itself for current when it began.
    private static async Task<(ILeaderTerm Term, bool WasCurrent)> FollowAsync(ZooKeeperElection election, ILeaderTerm before)
    {
        var term = await election.CampaignAsync("next");
        return (term, before.IsCurrent);
    }

    private static async Task CandidatesAsync(ZooKeeperClient client, int count)
    {
        while (true)
        {
            var watch = new ZooKeeperWatch();
            if ((await client.GetChildrenAsync(Candidates, watch)).Names.Count == count) return;
            await watch.Fired.WaitAsync(Patience);
        }
    }

    private static async Task AcceptedAsync(TcpGate gate, int count) => await gate.AcceptedAsync(count).WaitAsync(Patience);
}
