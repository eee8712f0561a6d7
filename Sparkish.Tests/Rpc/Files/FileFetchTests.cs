using System.Security.Cryptography;
using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;
using Sparkish.Rpc.Files;

namespace Sparkish.Tests.Rpc.Files;

internal sealed class FileFetchTests
{
    private static readonly FileUrl Url = FileUrl.Parse("spark://host:1/files/x");

    [Test]
    public async Task A_file_is_fetched_and_replaces_what_was_there()
    {
        using var directory = new TemporaryDirectory();
        await using var server = Envs.New();
        await using var client = Envs.New();
        var bytes = Bytes(3_000_000);
        await File.WriteAllBytesAsync(directory.File("x"), bytes);
        var url = server.FileServer.AddFile(directory.File("x"));
        var there = directory.Write("there", "old");

        await client.FetchFileAsync(url, there, Convert.ToHexString(SHA256.HashData(bytes)));

        Assert.That(await File.ReadAllBytesAsync(there), Is.EqualTo(bytes));
        Assert.That(Directory.GetFiles(directory.Path).Select(Path.GetFileName), Is.EquivalentTo(new[] { "x", "there" }));
    }

    [Test]
    public async Task An_empty_file_is_fetched()
    {
        using var directory = new TemporaryDirectory();
        await using var server = Envs.New();
        await using var client = Envs.New();
        var url = server.FileServer.AddFile(directory.Write("x", ""));

        await client.FetchFileAsync(url, directory.File("there"));

        Assert.That(new FileInfo(directory.File("there")), Has.Length.Zero);
    }

    [Test]
    public async Task A_file_of_another_hash_than_expected_does_not_appear()
    {
        using var directory = new TemporaryDirectory();
        await using var server = Envs.New();
        await using var client = Envs.New();
        var url = server.FileServer.AddFile(directory.Write("x", "evil"));

        await Assert.ThatAsync(() => client.FetchFileAsync(url, directory.File("there"), new string('0', 64)),
            Throws.InstanceOf<SparkException>().With.Message.Contains(new string('0', 64)).And.Message.Contains("another build"));
        Assert.That(Directory.GetFiles(directory.Path), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task A_place_that_cannot_be_written_is_one_error_and_nothing_stays()
    {
        using var directory = new TemporaryDirectory();
        await using var server = Envs.New();
        await using var client = Envs.New();
        var url = server.FileServer.AddFile(directory.Write("x", "x"));
        Directory.CreateDirectory(directory.File("dir"));

        using (Assert.EnterMultipleScope())
        {
            foreach (var place in new[] { directory.File("missing/there"), directory.File("dir"), "/proc/there" })
            {
                await Assert.ThatAsync(() => client.FetchFileAsync(url, place),
                    Throws.InstanceOf<SparkException>().With.Message.Contains($"cannot be written to '{place}'"));
            }

            Assert.That(Directory.GetFileSystemEntries(directory.Path).Select(Path.GetFileName), Is.EquivalentTo(new[] { "x", "dir" }));
        }
    }

    [Test]
    public async Task What_is_not_served_is_not_tried_again()
    {
        using var directory = new TemporaryDirectory();
        await using var server = Envs.New();
        await using var client = Envs.New();
        server.FileServer.AddFile(directory.Write("x", "x"));

        await Assert.ThatAsync(() => client.FetchFileAsync($"{server.Address.ToSparkUrl()}/files/y", directory.File("y")),
            Throws.InstanceOf<BulkNotFoundException>().With.Message.Contains("/files/y"));
    }

    [Test]
    public async Task A_download_that_breaks_off_goes_on_where_it_was()
    {
        using var directory = new TemporaryDirectory();
        var bytes = Bytes(1_000_000);
        var peer = new FlakyPeer(directory, bytes) { BreaksAfter = { 300_000, 0, 400_000 } };

        await new FileFetch(Url, peer, new FetchOptions(3, TimeSpan.FromMilliseconds(1))).RunAsync(directory.File("there"), null, CancellationToken.None);

        Assert.That(await File.ReadAllBytesAsync(directory.File("there")), Is.EqualTo(bytes));
        Assert.That(peer.Opened.Select(path => path.Split('&')[0]),
            Is.EqualTo(new[] { "?version", "?from=0", "?from=300000", "?from=300000", "?from=700000" }));
    }

    [Test]
    public async Task A_peer_that_always_breaks_off_is_given_up_and_nothing_stays()
    {
        using var directory = new TemporaryDirectory();
        var peer = new FlakyPeer(directory, Bytes(1000)) { BreaksAfter = { 10, 0, 0, 0 } };

        await Assert.ThatAsync(
            () => new FileFetch(Url, peer, new FetchOptions(2, TimeSpan.FromMilliseconds(1))).RunAsync(directory.File("there"), null, CancellationToken.None),
            Throws.InstanceOf<SparkException>().With.Message.Contains("3 attempts (spark.files.io.maxRetries)"));
        Assert.That(Directory.GetFiles(directory.Path).Select(Path.GetFileName), Is.EqualTo(new[] { "x" }));
    }

    [Test]
    public async Task Another_version_is_no_continuation()
    {
        using var directory = new TemporaryDirectory();
        var peer = new FlakyPeer(directory, Bytes(1000)) { BreaksAfter = { 10 }, OnBreak = () => File.WriteAllBytes(directory.File("x"), new byte[1000]) };

        await Assert.ThatAsync(
            () => new FileFetch(Url, peer, new FetchOptions(3, TimeSpan.FromMilliseconds(1))).RunAsync(directory.File("there"), null, CancellationToken.None),
            Throws.InstanceOf<BulkNotFoundException>().With.Message.Contains("has changed"));
        Assert.That(Directory.GetFiles(directory.Path).Select(Path.GetFileName), Is.EqualTo(new[] { "x" }));
    }

    [Test]
    public async Task Bytes_that_do_not_match_their_hash_do_not_appear()
    {
        using var directory = new TemporaryDirectory();
        var peer = new FlakyPeer(directory, Bytes(1000)) { FlipsBits = true };

        await Assert.ThatAsync(
            () => new FileFetch(Url, peer, new FetchOptions(3, TimeSpan.FromMilliseconds(1))).RunAsync(directory.File("there"), null, CancellationToken.None),
            Throws.InstanceOf<SparkException>().With.Message.Contains("does not have the announced SHA-256"));
        Assert.That(Directory.GetFiles(directory.Path).Select(Path.GetFileName), Is.EqualTo(new[] { "x" }));
    }

    [Test]
    public async Task Giving_up_ends_a_read_that_waits_and_leaves_nothing()
    {
        using var directory = new TemporaryDirectory();
        await using var client = Envs.New();
        using var peer = new ScriptedPeer();
        var asked = new TaskCompletionSource();
        var finished = new TaskCompletionSource();
        var script = Task.Run(async () =>
        {
            using var socket = peer.AcceptAndGreet(kind: 2);
            socket.Receive(new byte[1000]);
            var version = new FileVersion(1000, 1, new string('a', 64)).ToBytes();
            socket.Send([0, .. BitConverter.GetBytes((long)version.Length), .. version]);
            socket.Receive(new byte[1000]);
            socket.Send([0, .. BitConverter.GetBytes(1000L), 1, 2, 3]);
            asked.SetResult();
            await finished.Task;
        });
        using var giveUp = new CancellationTokenSource();

        var fetch = client.FetchFileAsync($"{peer.Address.ToSparkUrl()}/files/x", directory.File("there"), cancellationToken: giveUp.Token);
        await asked.Task.WaitAsync(Envs.Patience);
        await giveUp.CancelAsync();

        await Assert.ThatAsync(() => fetch.WaitAsync(Envs.Patience), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.GetFileSystemEntries(directory.Path), Is.Empty);
        finished.SetResult();
        await script.WaitAsync(Envs.Patience);
    }

    [Test]
    public void Pauses_are_spread_over_half_of_their_length()
    {
        var options = new FetchOptions(1, TimeSpan.FromSeconds(4));

        Assert.That(new[] { options.Pause(0), options.Pause(0.5), options.Pause(1) },
            Is.EqualTo(new[] { 4, 3, 2 }.Select(seconds => TimeSpan.FromSeconds(seconds))));
    }

    private static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Serves one file through the real source and breaks streams off as it is told.</summary>
    private sealed class FlakyPeer : FilePeer
    {
        private readonly FileSource _source;

        public FlakyPeer(TemporaryDirectory directory, byte[] bytes)
        {
            File.WriteAllBytes(directory.File("x"), bytes);
            _source = new FileSource(new FileVersions(), _ => directory.File("x"));
        }

        public List<int> BreaksAfter { get; } = [];

        public Action? OnBreak { get; init; }

        public bool FlipsBits { get; init; }

        public List<string> Opened { get; } = [];

        public override TimeProvider Time => TimeProvider.System;

        public override Random Random { get; } = new(1);

        public override Stream Open(string path)
        {
            Opened.Add(path["files/x".Length..]);
            using var content = _source.Open(path["files/".Length..]);
            var bytes = new List<byte>();
            foreach (var piece in content.Pieces)
            {
                var part = piece.Bytes.ToArray();
                if (piece.File is not null) RandomAccess.Read(piece.File, part = new byte[piece.Length], piece.Offset);
                bytes.AddRange(part);
            }

            if (path.EndsWith("?version", StringComparison.Ordinal)) return new MemoryStream([.. bytes]);
            if (FlipsBits) bytes[^1] ^= 1;
            var end = bytes.Count;
            if (BreaksAfter.Count > 0)
            {
                end = BreaksAfter[0];
                BreaksAfter.RemoveAt(0);
            }

            return new BreakingStream([.. bytes], end, OnBreak);
        }

        public override bool IsTransient(Exception error) => error is IOException or RpcConnectionException;

        public override Task<T> RunBlockingAsync<T>(Func<T> work) => Task.Run(work);
    }

    private sealed class BreakingStream(byte[] bytes, int end, Action? onBreak) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count)
        {
            if (Position == Length) return 0;
            if (Position < end) return base.Read(buffer, offset, (int)Math.Min(count, end - Position));
            onBreak?.Invoke();
            throw new IOException("broken");
        }
    }
}
