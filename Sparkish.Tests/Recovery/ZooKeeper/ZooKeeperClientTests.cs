using Sparkish.Deploy.Recovery.ZooKeeper;

namespace Sparkish.Tests.Recovery.ZooKeeper;

/// <summary>What a client can ask of real servers.</summary>
[TestFixture]
internal sealed class ZooKeeperClientTests : ZooKeeperTest
{
    [Test]
    public async Task A_node_is_made_read_changed_and_taken_away()
    {
        var client = Client();

        var (path, made) = await client.CreateAsync("/a", "one"u8.ToArray());
        var changed = await client.SetDataAsync("/a", "two"u8.ToArray(), made.Version);
        var (data, read) = await client.GetDataAsync("/a");
        await client.DeleteAsync("/a", changed.Version);
        var gone = await client.ExistsAsync("/a");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(path, Is.EqualTo("/a"));
            Assert.That(data, Is.EqualTo("two"u8.ToArray()));
            Assert.That((read.Version, read.Czxid, read.DataLength, read.EphemeralOwner), Is.EqualTo((1, made.Czxid, 3, 0L)));
            Assert.That(gone, Is.Null);
        }
    }

    [Test]
    public async Task Errors_are_told_apart()
    {
        var client = Client();
        await client.CreateAsync("/a", default);
        await client.CreateAsync("/a/b", default);

        using (Assert.EnterMultipleScope())
        {
            Assert.That((await FailureOf(client.CreateAsync("/a", default))).Error, Is.EqualTo(ZooKeeperError.NodeExists));
            Assert.That((await FailureOf(client.CreateAsync("/x/y", default))).Error, Is.EqualTo(ZooKeeperError.NoNode));
            Assert.That((await FailureOf(client.GetDataAsync("/x"))).Error, Is.EqualTo(ZooKeeperError.NoNode));
            Assert.That((await FailureOf(client.SetDataAsync("/a", default, 7))).Error, Is.EqualTo(ZooKeeperError.BadVersion));
            Assert.That((await FailureOf(client.DeleteAsync("/a"))).Error, Is.EqualTo(ZooKeeperError.NotEmpty));
            Assert.That(() => client.GetDataAsync("no/slash"), Throws.ArgumentException);
        }
    }

    [Test]
    public async Task Sequential_nodes_are_numbered_in_the_order_in_which_they_are_made()
    {
        var client = Client();
        await client.CreateAsync("/queue", default);

        var made = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => client.CreateAsync("/queue/n-", default, CreateMode.Sequential)));

        var (names, _) = await client.GetChildrenAsync("/queue");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(made.Select(node => node.Path), Is.EqualTo(Enumerable.Range(0, 50).Select(i => $"/queue/n-{i:D10}")));
            Assert.That(made.Select(node => node.Stat.Czxid), Is.Ordered.Ascending.And.Unique);
            Assert.That(names.Select(name => "/queue/" + name), Is.EquivalentTo(made.Select(node => node.Path)));
        }
    }

    [Test]
    public async Task Several_changes_are_made_together_or_not_at_all()
    {
        var client = Client();
        var (_, stat) = await client.CreateAsync("/head", "0"u8.ToArray());

        var results = await client.MultiAsync(
        [
            new ZooKeeperOperation.Check("/head", stat.Version),
            new ZooKeeperOperation.SetData("/head", "1"u8.ToArray(), stat.Version),
            new ZooKeeperOperation.Create("/one", "x"u8.ToArray(), ZooKeeperAcl.Anyone),
            new ZooKeeperOperation.Create("/two", default, ZooKeeperAcl.Anyone, CreateMode.Sequential),
            new ZooKeeperOperation.Delete("/one"),
        ]);
        var refused = await FailureOf(client.MultiAsync(
            [new ZooKeeperOperation.Create("/three", default, ZooKeeperAcl.Anyone), new ZooKeeperOperation.SetData("/head", "2"u8.ToArray(), stat.Version)]));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(results.Select(result => result.CreatedPath), Is.EqualTo(new[] { null, null, "/one", "/two0000000002", null }));
            Assert.That(results[1].Stat?.Version, Is.EqualTo(1));
            Assert.That(refused.Error, Is.EqualTo(ZooKeeperError.BadVersion));
            Assert.That(refused.Message, Does.Contain("/head"));
            Assert.That(await client.ExistsAsync("/three"), Is.Null);
            Assert.That((await client.GetDataAsync("/head")).Data, Is.EqualTo("1"u8.ToArray()));
        }
    }

    [Test]
    public async Task A_root_of_its_own_is_seen_nowhere_in_what_a_client_is_told()
    {
        var (inside, outside) = (Client(), Client(Options() with { Url = Url with { Chroot = "" } }));
        var watch = new ZooKeeperWatch();
        await inside.ExistsAsync("/a", watch);

        await outside.CreateAsync(Url.Chroot + "/a", "x"u8.ToArray());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await watch.Fired.WaitAsync(Patience), Is.EqualTo(new WatchEvent(WatchEventType.Created, "/a")));
            await inside.SyncAsync("/");
            Assert.That((await inside.GetChildrenAsync("/")).Names, Is.EqualTo(new[] { "a" }));
        }
    }

    [Test]
    public async Task A_watch_fires_once_with_what_happened()
    {
        var (watching, changing) = (Client(), Client());
        await changing.CreateAsync("/a", default);
        await watching.SyncAsync("/");
        var (data, children, missing) = (new ZooKeeperWatch(), new ZooKeeperWatch(), new ZooKeeperWatch());
        await watching.GetDataAsync("/a", data);
        await watching.GetChildrenAsync("/a", children);
        await watching.ExistsAsync("/a/b", missing);

        await changing.SetDataAsync("/a", "x"u8.ToArray());
        await changing.CreateAsync("/a/b", default);
        await changing.SetDataAsync("/a", "y"u8.ToArray());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(await data.Fired.WaitAsync(Patience), Is.EqualTo(new WatchEvent(WatchEventType.DataChanged, "/a")));
            Assert.That(await children.Fired.WaitAsync(Patience), Is.EqualTo(new WatchEvent(WatchEventType.ChildrenChanged, "/a")));
            Assert.That(await missing.Fired.WaitAsync(Patience), Is.EqualTo(new WatchEvent(WatchEventType.Created, "/a/b")));
        }
    }

    [Test]
    public async Task An_ephemeral_node_goes_when_its_client_closes_the_session()
    {
        var (other, gone) = (Client(), new ZooKeeperWatch());
        var client = Client();
        var (_, stat) = await client.CreateAsync("/mine", default, CreateMode.Ephemeral);
        await other.SyncAsync("/");
        await other.ExistsAsync("/mine", gone);

        await client.DisposeAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(stat.EphemeralOwner, Is.EqualTo(client.SessionId).And.Not.Zero);
            Assert.That((await gone.Fired.WaitAsync(Patience)).Type, Is.EqualTo(WatchEventType.Deleted));
            Assert.That((await FailureOf(client.SyncAsync("/"))).Error, Is.EqualTo(ZooKeeperError.Closing));
        }
    }

    [Test]
    public async Task Nodes_made_with_credentials_are_for_those_who_have_them()
    {
        var owner = Client(Options(credentials: "spark:secret"));
        await owner.CreateAsync("/private", "x"u8.ToArray());

        var same = Client(Options(credentials: "spark:secret"));
        await same.SyncAsync("/");
        var (data, _) = await same.GetDataAsync("/private");
        var withOther = Client(Options(credentials: "spark:wrong"));
        await withOther.SyncAsync("/");
        var other = await FailureOf(withOther.GetDataAsync("/private"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(data, Is.EqualTo("x"u8.ToArray()));
            Assert.That(other.Error, Is.EqualTo(ZooKeeperError.NoAuth));
            Assert.That(other.Message, Does.Contain("/private").And.Contain("spark.deploy.zookeeper.credentials"));
        }
    }

    [Test]
    public async Task A_request_that_is_larger_than_servers_take_is_refused_here_and_the_connection_stays()
    {
        var client = Client();
        await client.CreateAsync("/large", default);
        var session = client.SessionId;

        var refused = await FailureOf(client.SetDataAsync("/large", new byte[1 << 20]));
        await client.SetDataAsync("/large", new byte[1_040_000]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(refused.Error, Is.EqualTo(ZooKeeperError.BadArguments));
            Assert.That(refused.Message, Does.Contain("1048575"));
            Assert.That((await client.GetDataAsync("/large")).Data, Has.Length.EqualTo(1_040_000));
            Assert.That(client.SessionId, Is.EqualTo(session));
        }
    }

    [Test]
    public async Task Thousands_of_requests_at_once_are_all_answered_in_their_order()
    {
        var client = Client();
        await client.CreateAsync("/counter", default);

        var answers = await Task.WhenAll(Enumerable.Range(0, 5000).Select(i => client.SetDataAsync("/counter", BitConverter.GetBytes(i))));

        Assert.That(answers.Select(stat => stat.Version), Is.EqualTo(Enumerable.Range(1, 5000)));
    }

    [Test]
    public async Task Who_gives_up_waiting_is_told_so_and_the_client_goes_on()
    {
        var gate = Gate();
        var client = Client(Options(gate.Url));
        await client.CreateAsync("/a", default);
        gate.HoldReplies();
        using var patience = new CancellationTokenSource();

        var waiting = client.SetDataAsync("/a", "x"u8.ToArray(), cancellationToken: patience.Token);
        await patience.CancelAsync();

        Assert.That(async () => await waiting.WaitAsync(Patience), Throws.InstanceOf<OperationCanceledException>());
        gate.Release();
        Assert.That((await client.GetDataAsync("/a")).Data, Is.EqualTo("x"u8.ToArray()));
    }
}
