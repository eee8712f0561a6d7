using Sparkish.Benchmarks.Servers;
using Sparkish.Deploy.Recovery.ZooKeeper;

namespace Sparkish.Tests.Recovery.ZooKeeper;

/// <summary>What clients and leaders see when servers are killed or freeze; the servers are this fixture's own.</summary>
[TestFixture]
internal sealed class ZooKeeperOutageTests : ZooKeeperTest
{
    private ZooKeeperEnsemble? _own;

    [OneTimeSetUp]
    public async Task StartServersAsync()
    {
        ZooKeeperTestServers.IgnoreWhereMissing();
        _own = await ZooKeeperEnsemble.StartAsync();
    }

    [OneTimeTearDown]
    public async Task StopServersAsync()
    {
        if (_own is not null) await _own.DisposeAsync();
    }

    [TearDown]
    public Task RepairAsync() => Ensemble.RepairAsync();

    protected override Task<ZooKeeperEnsemble> EnsembleAsync() => Task.FromResult(_own!);

    [Test]
    public async Task A_server_that_goes_silent_is_left_for_the_next_one_with_the_same_session()
    {
        var frozen = Ensemble.All[0];
        var gate = Gate(Ensemble.All[1]);
        gate.Cut();
        var client = Client(Options($"{TextOf(frozen)},{gate.Url}", sessionSeconds: 3));
        await client.CreateAsync("/mine", default, CreateMode.Ephemeral);
        var session = client.SessionId;

        gate.Mend();
        await frozen.FreezeAsync();
        await GoOnAsync(client, () => gate.Accepted > 0 && client.ConnectedAsync().IsCompleted);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((await client.ExistsAsync("/mine"))?.EphemeralOwner, Is.EqualTo(session));
            Assert.That(client.SessionId, Is.EqualTo(session));
        }
    }

    [TestCase(false)]
    [TestCase(true, Category = LongAttribute.Category)]
    public async Task Under_load_nothing_that_was_acknowledged_is_lost_when_a_server_is_killed(bool leader)
    {
        var killed = leader ? await Ensemble.LeaderAsync() : Ensemble.All[0];
        var client = Client();
        await client.CreateAsync("/load", default);
        var acknowledged = new List<int>();
        var halfWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var load = Task.Run(async () =>
        {
            for (var i = 0; i < 600; i++)
            {
                if (await DidAsync(client.CreateAsync($"/load/{i}", default))) acknowledged.Add(i);
                if (i == 200) halfWay.SetResult();
            }
        });
        await halfWay.Task.WaitAsync(Patience);
        await killed.KillAsync();
        await load.WaitAsync(Patience);

        await client.SyncAsync("/");
        var there = (await client.GetChildrenAsync("/load")).Names.Select(int.Parse).ToHashSet();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(acknowledged, Is.SubsetOf(there));
            Assert.That(acknowledged, Has.Count.GreaterThan(200));
            Assert.That(acknowledged, Does.Contain(599), "the client works at another server");
        }
    }

    [Test]
    public async Task Without_a_majority_nothing_is_done_and_with_it_the_session_goes_on()
    {
        var client = Client(Options(sessionSeconds: 20));
        await client.CreateAsync("/mine", default, CreateMode.Ephemeral);
        var session = client.SessionId;

        await Ensemble.All[0].KillAsync();
        await Ensemble.All[1].KillAsync();
        var during = client.SetDataAsync("/mine", "x"u8.ToArray());
        await Ensemble.RepairAsync();
        await DidAsync(during);

        await client.SetDataAsync("/mine", "y"u8.ToArray()).WaitAsync(Patience);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((await client.GetDataAsync("/mine")).Data, Is.EqualTo("y"u8.ToArray()));
            Assert.That(client.SessionId, Is.EqualTo(session));
        }
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_leader_outlasts_the_loss_of_a_server(bool frozen)
    {
        var server = Ensemble.All[0];
        var gate = Gate(Ensemble.All[1]);
        gate.Cut();
        var election = Election($"{TextOf(server)},{gate.Url}", sessionSeconds: 6);
        var term = await election.CampaignAsync("one").WaitAsync(Patience);
        gate.Mend();

        if (frozen) await server.FreezeAsync();
        else await server.KillAsync();
        await gate.AcceptedAsync(1).WaitAsync(Patience);
        await RenewedAsync(TextOf(Ensemble.All[2]));

        Assert.That((term.IsCurrent, term.Ended.IsCancellationRequested), Is.EqualTo((true, false)));
    }

    [Test]
    public async Task A_term_ends_without_a_majority_and_the_next_campaign_waits_until_there_is_one()
    {
        var election = Election(sessionSeconds: 2);
        var first = await election.CampaignAsync("one").WaitAsync(Patience);

        await Ensemble.All[0].KillAsync();
        await Ensemble.All[1].KillAsync();
        await EndedAsync(first);
        var again = election.CampaignAsync("one");
        await Ensemble.RepairAsync();

        var second = await again.WaitAsync(Patience);
        Assert.That((first.IsCurrent, second.IsCurrent), Is.EqualTo((false, true)));
        Assert.That(second.Epoch, Is.GreaterThan(first.Epoch!.Value));
    }

    // Whether it was done; that the connection was lost meanwhile is what these tests are about.
    private static async Task<bool> DidAsync(Task request)
    {
        try
        {
            await request.WaitAsync(Patience);
            return true;
        }
        catch (ZooKeeperException e) when (e.Error is ZooKeeperError.ConnectionLoss or ZooKeeperError.NodeExists)
        {
            return false;
        }
    }

    private static async Task GoOnAsync(ZooKeeperClient client, Func<bool> until)
    {
        using var limit = new CancellationTokenSource(Patience);
        do
        {
            limit.Token.ThrowIfCancellationRequested();
            await DidAsync(client.SyncAsync("/"));
        }
        while (!until());
    }

    // Waits until the leader's node has been written twice more.
    private async Task RenewedAsync(string server)
    {
        var client = Client(Options(server));
        var node = $"{Candidates}/{(await client.GetChildrenAsync(Candidates)).Names.Single()}";
        for (var i = 0; i < 2; i++)
        {
            var watch = new ZooKeeperWatch();
            await client.GetDataAsync(node, watch);
            Assert.That((await watch.Fired.WaitAsync(Patience)).Type, Is.EqualTo(WatchEventType.DataChanged));
        }
    }
}
