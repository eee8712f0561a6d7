using Sparkish.Deploy.Recovery.ZooKeeper;

namespace Sparkish.Tests.Recovery.ZooKeeper;

/// <summary>Clients whose connections, servers or sessions are lost.</summary>
[TestFixture]
internal sealed class ZooKeeperFaultTests : ZooKeeperTest
{
    [Test]
    public async Task A_request_whose_reply_is_lost_fails_and_what_it_did_is_there_afterwards()
    {
        var gate = Gate();
        var client = Client(Options(gate.Url));
        await client.CreateAsync("/a", default);
        var session = client.SessionId;
        gate.HoldReplies();

        var lost = client.SetDataAsync("/a", "x"u8.ToArray());
        await DoneAsync("/a", "x");
        gate.Break();
        gate.Release();

        Assert.That((await FailureOf(lost)).Error, Is.EqualTo(ZooKeeperError.ConnectionLoss));
        Assert.That((await client.GetDataAsync("/a")).Data, Is.EqualTo("x"u8.ToArray()));
        Assert.That(client.SessionId, Is.EqualTo(session), "the session goes on");
    }

    [Test]
    public async Task A_watch_sees_what_happened_while_there_was_no_connection()
    {
        var gate = Gate();
        var (watching, changing) = (Client(Options(gate.Url)), Client());
        await changing.CreateAsync("/a", default);
        await changing.CreateAsync("/kept", default);
        await watching.SyncAsync("/");
        var (changed, gone, made, children, later) =
            (new ZooKeeperWatch(), new ZooKeeperWatch(), new ZooKeeperWatch(), new ZooKeeperWatch(), new ZooKeeperWatch());
        await watching.GetDataAsync("/kept", changed);
        await watching.ExistsAsync("/a", gone);
        await watching.ExistsAsync("/b", made);
        await watching.GetChildrenAsync("/", children);
        await watching.ExistsAsync("/later", later);

        gate.Cut();
        await changing.SetDataAsync("/kept", "x"u8.ToArray());
        await changing.DeleteAsync("/a");
        await changing.CreateAsync("/b", default);
        gate.Mend();

        using (Assert.EnterMultipleScope())
        {
            Assert.That((await changed.Fired.WaitAsync(Patience)).Type, Is.EqualTo(WatchEventType.DataChanged));
            Assert.That((await gone.Fired.WaitAsync(Patience)).Type, Is.EqualTo(WatchEventType.Deleted));
            Assert.That((await made.Fired.WaitAsync(Patience)).Type, Is.EqualTo(WatchEventType.Created));
            Assert.That((await children.Fired.WaitAsync(Patience)).Type, Is.EqualTo(WatchEventType.ChildrenChanged));
            Assert.That(later.Fired.IsCompleted, Is.False, "nothing happened to this one");
        }

        await changing.CreateAsync("/later", default);
        Assert.That((await later.Fired.WaitAsync(Patience)).Type, Is.EqualTo(WatchEventType.Created));
    }

    [Test]
    public async Task Very_many_watches_are_set_again_in_portions()
    {
        var gate = Gate();
        var (watching, changing) = (Client(Options(gate.Url)), Client());
        var names = Enumerable.Range(0, 3000).Select(i => $"/{new string('n', 100)}{i}").ToArray();
        var watches = names.Select(name => (Name: name, Watch: new ZooKeeperWatch())).ToArray();
        await Task.WhenAll(watches.Select(watch => watching.ExistsAsync(watch.Name, watch.Watch)));

        gate.Cut();
        await Task.WhenAll(names.Select(name => changing.CreateAsync(name, default)));
        gate.Mend();

        var seen = await Task.WhenAll(watches.Select(watch => watch.Watch.Fired)).WaitAsync(Patience);
        Assert.That(seen.Select(fired => (fired.Type, fired.Path)), Is.EqualTo(names.Select(name => (WatchEventType.Created, name))));
    }

    [Test]
    public async Task A_client_that_is_silent_for_too_long_loses_its_session_and_is_told_so()
    {
        var gate = Gate();
        var (silent, other) = (Client(Options(gate.Url, sessionSeconds: 1)), Client());
        await silent.CreateAsync("/mine", default, CreateMode.Ephemeral);
        await other.SyncAsync("/");
        var (gone, watch) = (new ZooKeeperWatch(), new ZooKeeperWatch());
        await other.ExistsAsync("/mine", gone);
        await silent.ExistsAsync("/never", watch);

        gate.Cut();
        var deleted = await gone.Fired.WaitAsync(Patience);
        gate.Mend();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(deleted.Type, Is.EqualTo(WatchEventType.Deleted));
            Assert.That((await silent.SessionOver.WaitAsync(Patience)).Error, Is.EqualTo(ZooKeeperError.SessionExpired));
            Assert.That((await FailureOf(silent.SyncAsync("/"))).Error, Is.EqualTo(ZooKeeperError.SessionExpired));
            Assert.That((await watch.Fired.WaitAsync(Patience)).Type, Is.EqualTo(WatchEventType.SessionOver));
        }
    }

    [Test]
    public async Task A_session_without_a_closing_word_ends_by_its_timeout()
    {
        var (client, other) = (Client(Options(sessionSeconds: 1)), Client());
        await client.CreateAsync("/mine", default, CreateMode.Ephemeral);
        await other.SyncAsync("/");
        var gone = new ZooKeeperWatch();
        await other.ExistsAsync("/mine", gone);

        await client.AbandonAsync();

        Assert.That((await gone.Fired.WaitAsync(Patience)).Type, Is.EqualTo(WatchEventType.Deleted));
    }

    [Test]
    public async Task A_request_waits_for_a_server_but_not_for_ever()
    {
        var gate = Gate();
        gate.Cut();
        var client = Client(Options(gate.Url, sessionSeconds: 1));

        var failure = await FailureOf(client.SyncAsync("/"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(failure.Error, Is.EqualTo(ZooKeeperError.ConnectionLoss));
            Assert.That(failure.Message, Does.Contain(gate.Url));
        }

        gate.Mend();
        await client.ConnectedAsync().WaitAsync(Patience);
        await client.SyncAsync("/").WaitAsync(Patience);
    }

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
    [TestCase(true)]
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

    private async Task DoneAsync(string path, string data)
    {
        var other = Client();
        while (true)
        {
            var watch = new ZooKeeperWatch();
            await other.SyncAsync("/");
            if ((await other.GetDataAsync(path, watch)).Data.AsSpan().SequenceEqual(System.Text.Encoding.UTF8.GetBytes(data))) return;
            await watch.Fired.WaitAsync(Patience);
        }
    }
}
