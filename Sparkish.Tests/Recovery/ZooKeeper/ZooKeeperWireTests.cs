using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using FsCheck;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy.Recovery.ZooKeeper;

namespace Sparkish.Tests.Recovery.ZooKeeper;

/// <summary>What a peer may send that is no ZooKeeper, or an evil one.</summary>
[TestFixture]
internal sealed class ZooKeeperWireTests
{
    private const int MaxFrame = 1 << 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Test]
    public void What_is_written_is_read()
    {
        var writer = new JuteWriter();
        writer.Bool(true);
        writer.Int(-5);
        writer.Long(long.MinValue);
        writer.Bytes([1, 2, 3]);
        writer.Text("héllo");
        writer.Texts(["a", "", "c"]);

        var reader = new JuteReader(writer.Written.Span);

        Assert.That(reader.Bool(), Is.True);
        Assert.That(reader.Int(), Is.EqualTo(-5));
        Assert.That(reader.Long(), Is.EqualTo(long.MinValue));
        Assert.That(reader.Bytes(), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(reader.Text(), Is.EqualTo("héllo"));
        Assert.That(reader.Texts(), Is.EqualTo(new[] { "a", "", "c" }));
        Assert.That(reader.Remaining, Is.Zero);
    }

    [FsCheck.NUnit.Property(MaxTest = 2000)]
    public void Random_bytes_are_read_as_a_record_or_refused_with_memory_bounded_by_their_number(byte[] bytes)
    {
        foreach (var read in Readers)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var reader = new JuteReader(bytes);
                read(ref reader);
            }
            catch (ZooKeeperProtocolException)
            {
                // Refused, as it should be.
            }

            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(20_000 + (50L * bytes.Length)));
        }
    }

    [Test]
    public void Every_part_of_a_record_is_refused_and_every_changed_byte_read_or_refused()
    {
        var writer = new JuteWriter();
        MultiFormat.Write(writer, [new ZooKeeperOperation.SetData("/a", new byte[20], 3)], path => path);
        writer.Texts(["one", "two"]);
        writer.Bytes(new byte[100]);
        var whole = writer.Written.ToArray();

        for (var length = 0; length < whole.Length; length++)
        {
            foreach (var read in Readers) Try(read, whole.AsSpan(0, length).ToArray());
        }

        for (var at = 0; at < whole.Length; at++)
        {
            foreach (byte value in new byte[] { 0, 1, 0x7f, 0x80, 0xff })
            {
                var changed = whole.ToArray();
                changed[at] = value;
                foreach (var read in Readers) Try(read, changed);
            }
        }

        Assert.That(whole, Has.Length.GreaterThan(100));
    }

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public void Frames_come_out_as_they_went_in_however_the_bytes_were_cut(byte[][] frames, PositiveInt step)
    {
        var writer = new JuteWriter();
        foreach (var frame in frames) writer.Bytes(frame);
        var bytes = writer.Written.ToArray();

        var seen = new List<byte[]>();
        var start = 0;
        for (var end = 0; end <= bytes.Length + step.Get; end += step.Get)
        {
            var buffer = new ReadOnlySequence<byte>(bytes.AsMemory(start, Math.Min(end, bytes.Length) - start));
            while (ZooKeeperFrames.TryRead(ref buffer, MaxFrame, out var frame)) seen.Add(frame.ToArray());
            start = Math.Min(end, bytes.Length) - (int)buffer.Length;
        }

        Assert.That(seen, Is.EqualTo(frames));
    }

    [TestCase(-1)]
    [TestCase(int.MinValue)]
    [TestCase(MaxFrame + 1)]
    [TestCase(int.MaxValue)]
    public void A_frame_of_impossible_length_is_refused_before_it_has_come(int length)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);

        Assert.That(() =>
        {
            var buffer = new ReadOnlySequence<byte>(bytes);
            ZooKeeperFrames.TryRead(ref buffer, MaxFrame, out _);
        }, Throws.TypeOf<ZooKeeperProtocolException>().With.Message.Contains($"{length}"));
    }

    [Test]
    public async Task A_client_leaves_a_peer_that_talks_nonsense_and_comes_to_its_end()
    {
        var random = new Random(7);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var client = new ZooKeeperClient(
            new ZooKeeperOptions(ZooKeeperUrl.Parse($"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"), TimeSpan.FromSeconds(3)),
                TimeProvider.System, NullLogger.Instance);

        for (var i = 0; i < 30; i++)
        {
            using var peer = await listener.AcceptTcpClientAsync().WaitAsync(Patience);
            await peer.GetStream().WriteAsync(Nonsense(random, i));
        }

        var waiting = client.SyncAsync("/");
        listener.Stop();
        Assert.That(async () => await waiting.WaitAsync(Patience), Throws.TypeOf<ZooKeeperException>()
            .With.Property("Error").EqualTo(ZooKeeperError.ConnectionLoss));
    }

    [TestCase("localhost", 2181, "")]
    [TestCase("a:1,b:2/spark/x", 1, "/spark/x")]
    [TestCase("[::1]:5 , b/", 5, "")]
    public void A_list_of_servers_is_read_as_their_own_clients_read_it(string url, int firstPort, string chroot)
    {
        var parsed = ZooKeeperUrl.Parse(url);

        Assert.That((parsed.Servers[0].Port, parsed.Chroot), Is.EqualTo((firstPort, chroot)));
    }

    [TestCase("")]
    [TestCase(",")]
    [TestCase("host:0")]
    [TestCase("host:x")]
    [TestCase("host:70000")]
    [TestCase("::1")]
    [TestCase("a b:1")]
    [TestCase("host:1/a//b")]
    public void What_is_no_list_of_servers_is_refused_with_what_to_do(string url) =>
        Assert.That(() => ZooKeeperUrl.Parse(url), Throws.TypeOf<SparkException>().With.Message.Contains($"'{url}'").And.Message.Contains("host:port"));

    private delegate void Reading(ref JuteReader reader);

    private static Reading[] Readers =>
    [
        (ref reader) => reader.Texts(),
        (ref reader) => reader.Text(),
        (ref reader) => reader.Bytes(),
        (ref reader) => NodeStat.Read(ref reader),
        (ref reader) => SessionWelcome.Read(ref reader),
        (ref reader) => MultiFormat.Read(ref reader, 3, path => path),
    ];

    private static void Try(Reading read, byte[] bytes)
    {
        try
        {
            var reader = new JuteReader(bytes);
            read(ref reader);
        }
        catch (ZooKeeperProtocolException)
        {
            // Refused, as it should be.
        }
    }

    // By turns: noise; a huge frame; a welcome and then noise in well-formed frames, of events and of replies that nobody asked for.
    private static byte[] Nonsense(Random random, int turn)
    {
        var noise = new byte[random.Next(4, 200)];
        random.NextBytes(noise);
        if (turn % 3 == 0) return noise;
        if (turn % 3 == 1) return [0x7f, 0xff, 0xff, 0xff, .. noise];

        var writer = new JuteWriter();
        var welcome = writer.BeginFrame();
        writer.Int(0);
        writer.Int(3000);
        writer.Long(turn);
        writer.Bytes(new byte[16]);
        writer.EndFrame(welcome);
        var frame = writer.BeginFrame();
        writer.Int(turn % 2 == 0 ? ZooKeeperRequest.WatchEventXid : 5);
        writer.Long(1);
        writer.Int(0);
        writer.Bytes(noise);
        writer.EndFrame(frame);
        return writer.Written.ToArray();
    }
}
