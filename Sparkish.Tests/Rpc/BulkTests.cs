using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;

namespace Sparkish.Tests.Rpc;

internal sealed class BulkTests
{
    [Test]
    public async Task Pieces_of_memory_and_files_come_as_one_stream()
    {
        await using var server = Envs.New();
        await using var client = Envs.New();
        var bytes = new byte[3_000_000];
        new Random(1).NextBytes(bytes);
        var file = Path.Combine(TestContext.CurrentContext.WorkDirectory, $"bulk-{Guid.NewGuid():N}");
        await File.WriteAllBytesAsync(file, bytes);
        server.Bulk.Register("files", new Source(_ => new BulkContent()
            .Add(new byte[] { 1, 2, 3 }).Add(File.OpenHandle(file), 1000, 2_000_000).Add(new byte[] { 4 })));

        for (var round = 0; round < 3; round++)
        {
            using var stream = client.OpenBulk(server.Address, "files/a/b");
            var received = new MemoryStream();
            await stream.CopyToAsync(received);

            Assert.That(stream.Length, Is.EqualTo(2_000_004));
            Assert.That(received.ToArray().AsSpan().SequenceEqual((ReadOnlySpan<byte>)[1, 2, 3, .. bytes.AsSpan(1000, 2_000_000), 4]));
        }

        File.Delete(file);
    }

    [Test]
    public async Task What_is_not_there_is_told_and_the_next_request_is_served()
    {
        await using var server = Envs.New();
        await using var client = Envs.New();
        server.Bulk.Register("a", new Source(path => path switch
        {
            "there" => new BulkContent().Add("yes"u8.ToArray()),
            "broken" => throw new InvalidOperationException("disk on fire"),
            _ => throw new BulkNotFoundException($"no {path}"),
        }));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => client.OpenBulk(server.Address, "b/c"), Throws.InstanceOf<BulkNotFoundException>().With.Message.Contains("b/c"));
            Assert.That(() => client.OpenBulk(server.Address, "a/c"), Throws.InstanceOf<BulkNotFoundException>().With.Message.EqualTo("no c"));
            Assert.That(() => client.OpenBulk(server.Address, "a/broken"), Throws.InstanceOf<BulkNotFoundException>().With.Message.EqualTo("disk on fire"));
            Assert.That(ReadText(client, server.Address), Is.EqualTo("yes"));
        }
    }

    [Test]
    public async Task A_stream_that_is_left_early_disturbs_no_other()
    {
        await using var server = Envs.New();
        await using var client = Envs.New();
        server.Bulk.Register("a", new Source(path => new BulkContent().Add(path is "there" ? "yes"u8.ToArray() : new byte[10_000_000])));

        for (var round = 0; round < 20; round++)
        {
            using var stream = client.OpenBulk(server.Address, "a/long");
            stream.ReadByte();
        }

        Assert.That(ReadText(client, server.Address), Is.EqualTo("yes"));
    }

    [Test]
    public async Task Many_threads_read_at_once()
    {
        await using var server = Envs.New();
        await using var client = Envs.New();
        server.Bulk.Register("a", new Source(path => new BulkContent().Add(System.Text.Encoding.UTF8.GetBytes(path))));

        var texts = await Task.WhenAll(Enumerable.Range(0, 8).Select(thread => Task.Factory.StartNew(
            () => Enumerable.Range(0, 50).Select(i => ReadText(client, server.Address, $"a/{thread}-{i}")).ToList(),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))).WaitAsync(Envs.Patience);

        Assert.That(texts.SelectMany(text => text), Is.EqualTo(Enumerable.Range(0, 400).Select(i => $"{i / 50}-{i % 50}")));
    }

    [Test]
    public async Task A_peer_that_comes_back_is_dialled_anew()
    {
        await using var client = Envs.New();
        var server = Envs.New();
        server.Bulk.Register("a", new Source(_ => new BulkContent().Add("yes"u8.ToArray())));
        var first = ReadText(client, server.Address);
        await server.DisposeAsync();
        await using var again = Envs.New(Envs.Options() with { Port = server.Address.Port });
        again.Bulk.Register("a", new Source(_ => new BulkContent().Add("again"u8.ToArray())));

        Assert.That((first, ReadText(client, again.Address)), Is.EqualTo(("yes", "again")));
    }

    [Test]
    public async Task A_peer_that_dies_amid_a_body_is_an_error_of_the_reader()
    {
        await using var client = Envs.New();
        using var listener = new ScriptedPeer();
        var script = Task.Run(() =>
        {
            using var socket = listener.AcceptAndGreet(kind: 2);
            socket.Receive(new byte[100]);
            socket.Send([0, 10, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]);
        });

        using var stream = client.OpenBulk(listener.Address, "a/b");

        Assert.That(() => stream.CopyTo(Stream.Null), Throws.InstanceOf<IOException>().With.Message.Contains("7 of 10"));
        await script.WaitAsync(Envs.Patience);
    }

    [Test]
    public async Task A_peer_that_is_not_there_cannot_be_reached()
    {
        await using var client = Envs.New();

        Assert.That(() => client.OpenBulk(ScriptedPeer.Nobody(), "a/b"), Throws.InstanceOf<RpcConnectionException>()
            .With.Message.StartsWith("Cannot connect to 127.0.0.1:"));
    }

    [Test]
    public async Task An_env_stops_while_its_streams_are_read()
    {
        await using var client = Envs.New();
        var server = Envs.New();
        server.Bulk.Register("a", new Source(_ => new BulkContent().Add(new byte[50_000_000])));
        using var stream = client.OpenBulk(server.Address, "a/b");

        await server.DisposeAsync().AsTask().WaitAsync(Envs.Patience);

        Assert.That(() => stream.CopyTo(Stream.Null), Throws.InstanceOf<IOException>());
    }

    private static string ReadText(RpcEnv env, RpcAddress peer, string path = "a/there")
    {
        using var reader = new StreamReader(env.OpenBulk(peer, path));
        return reader.ReadToEnd();
    }

    private sealed class Source(Func<string, BulkContent> open) : IBulkSource
    {
        public BulkContent Open(string path) => open(path);
    }
}
