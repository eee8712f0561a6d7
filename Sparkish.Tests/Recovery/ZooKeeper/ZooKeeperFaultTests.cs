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
