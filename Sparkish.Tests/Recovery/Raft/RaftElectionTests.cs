using Sparkish.Persistence;

namespace Sparkish.Tests.Recovery.Raft;

/// <summary>Elections among three members in this process.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class RaftElectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Test]
    public async Task Of_three_candidates_one_leads_and_each_that_resigns_is_followed_by_another()
    {
        await using var group = await RaftGroup.StartAsync();
        var campaigns = group.On.Select((host, i) => host.Election.CampaignAsync($"candidate {i}")).ToList();

        var epochs = new List<long>();
        for (ILeaderTerm? before = null; campaigns.Count > 0;)
        {
            var elected = await Task.WhenAny(campaigns).WaitAsync(Patience);
            campaigns.Remove(elected);
            var term = await elected;
            Assert.That(before?.IsCurrent, Is.Not.True);
            Assert.That((term.IsCurrent, term.Ended.IsCancellationRequested), Is.EqualTo((true, false)));
            epochs.Add(term.Epoch!.Value);
            before = term;
            await term.DisposeAsync();
            Assert.That((term.IsCurrent, term.Ended.IsCancellationRequested), Is.EqualTo((false, true)));
        }

        Assert.That(epochs, Is.Ordered.Ascending.And.Unique);
    }

    [Test]
    public async Task A_member_that_is_gone_is_followed_by_another_that_has_every_acknowledged_event()
    {
        await using var group = await RaftGroup.StartAsync();
        var (first, term) = await LeadAsync(group.On);
        var journal = await first.Store.OpenAsync("master", term.Epoch);
        var last = await journal.AppendAsync([new byte[] { 1 }, new byte[] { 2 }]);

        await group.StopAsync(first);
        var (second, later) = await LeadAsync(group.On);
        var next = await second.Store.OpenAsync("master", later.Epoch);

        Assert.That(term.IsCurrent, Is.False);
        Assert.That(later.Epoch, Is.GreaterThan(term.Epoch!.Value));
        Assert.That(next.LastSequence, Is.EqualTo(last));
        Assert.That(await next.ReadAsync(0).Select(entry => (entry.Epoch, entry.Payload.Span[0])).ToListAsync(),
            Is.EqualTo(new[] { (term.Epoch!.Value, (byte)1), (term.Epoch!.Value, (byte)2) }));
    }

    [Test]
    public async Task A_leader_without_a_majority_ends_its_term_and_an_append_fails()
    {
        await using var group = await RaftGroup.StartAsync();
        var (leader, term) = await LeadAsync(group.On);
        var journal = await leader.Store.OpenAsync("master", term.Epoch);
        await journal.AppendAsync([new byte[] { 1 }]);

        foreach (var other in group.On.Where(host => host != leader).ToList()) await group.StopAsync(other);
        var append = journal.AppendAsync([new byte[] { 2 }]).AsTask();

        await WhenAsync(term.Ended).WaitAsync(Patience);
        Assert.That(term.IsCurrent, Is.False);
        Assert.That(async () => await append.WaitAsync(Patience), Throws.InstanceOf<JournalException>().With.Message.Contains("unknown whether"));
        Assert.That(async () => await journal.AppendAsync([new byte[] { 3 }]), Throws.InstanceOf<JournalException>());
    }

    [Test]
    public async Task A_withdrawn_candidate_leaves_the_lead_to_others_and_may_stand_again()
    {
        await using var group = await RaftGroup.StartAsync();
        var (one, two) = (group.On.First(), group.On.Last());
        using var withdrawal = new CancellationTokenSource();
        var withdrawn = one.Election.CampaignAsync("one", withdrawal.Token);
        await withdrawal.CancelAsync();
        try
        {
            await (await withdrawn).DisposeAsync();
        }
        catch (OperationCanceledException)
        {
            // It had not led yet.
        }

        var term = await two.Election.CampaignAsync("two").WaitAsync(Patience);
        Assert.That(term.IsCurrent);
        Assert.That(() => two.Election.CampaignAsync("two"), Throws.InvalidOperationException);
        await term.DisposeAsync();

        Assert.That((await one.Election.CampaignAsync("one").WaitAsync(Patience)).IsCurrent);
    }

    [Test]
    public async Task A_closed_election_ends_its_campaign()
    {
        await using var group = await RaftGroup.StartAsync();
        var leader = await LeadAsync(group.On);
        var other = group.On.First(host => host != leader.Host);
        var campaign = other.Election.CampaignAsync("other");

        await other.Election.DisposeAsync();

        Assert.That(() => campaign, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => other.Election.CampaignAsync("other"), Throws.InstanceOf<ObjectDisposedException>());
    }

    /// <summary>Lets all of them stand, and returns the one that leads first; the others go on standing by.</summary>
    internal static async Task<(RaftGroup.Host Host, ILeaderTerm Term)> LeadAsync(IEnumerable<RaftGroup.Host> hosts)
    {
        using var withdrawal = new CancellationTokenSource();
        var campaigns = hosts.Select(host => (host, Campaign: host.Election.CampaignAsync("candidate", withdrawal.Token))).ToList();
        var elected = await Task.WhenAny(campaigns.Select(one => one.Campaign)).WaitAsync(Patience);
        await withdrawal.CancelAsync();
        foreach (var (_, campaign) in campaigns.Where(one => one.Campaign != elected))
            await ((Task)campaign).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return (campaigns.First(one => one.Campaign == elected).host, await elected);
    }

    private static Task WhenAsync(CancellationToken token)
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        token.Register(() => cancelled.TrySetResult());
        return cancelled.Task;
    }
}
