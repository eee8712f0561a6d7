using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Transport.Frames;

namespace Sparkish.Tests.Rpc.Transport;

/// <summary>The memory that receive buffers take: all of it counts, and what is not there is waited for.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class ReceiveBufferTests
{
    private const int FirstBytes = 16 << 10;

    [TestCase(1000)]
    [TestCase(FirstBytes - 4)]
    [TestCase(FirstBytes - 3)]
    [TestCase(100_000)]
    [TestCase((256 << 10) - 4)]
    [TestCase((256 << 10) - 3)]
    [TestCase(1_000_000)]
    public async Task Frames_of_any_length_arrive_whether_the_buffer_may_grow_or_not(int length)
    {
        foreach (var share in new[] { int.MaxValue, 20_000, 0 })
        {
            var handler = new Handler { Share = share };

            await FrameReceiver.RunAsync(new Wire([length, 10, length, length - 1, 1]), 2_000_000, handler);

            Assert.That(handler.Lengths, Is.EqualTo(new[] { length, 10, length, length - 1, 1 }), $"with {share}");
            Assert.That((handler.Grown, handler.Reserved), Is.EqualTo((0, 0)), "all is given back");
            Assert.That(handler.MostGrown, Is.LessThanOrEqualTo(Math.Min(share, (256 << 10) - FirstBytes)));
            if (length + 4 > FirstBytes + Math.Min(share, 240 << 10)) Assert.That(handler.MostReserved, Is.EqualTo(length), "what does not fit is reserved");
        }
    }

    [Test]
    public void Receive_buffers_have_an_eighth_of_the_bound_and_count_in_it()
    {
        var budget = new TransportBudget(800_000);

        Assert.That((budget.TryGrow(60_000), budget.TryGrow(40_000), budget.TryGrow(1)), Is.EqualTo((true, true, false)));
        Assert.That(budget.TryRent(700_000, always: false), Is.Null, "the buffers count");
        budget.Shrink(40_000);
        Assert.That(budget.TryGrow(40_000), Is.True);
    }

    [Test]
    public async Task A_large_frame_does_not_wait_for_buffers_that_connections_keep()
    {
        await using var env = (Sparkish.Rpc.Local.NodeRpcEnv)Envs.New();
        var budget = new TransportBudget(800_000);
        budget.TryGrow(100_000);

        var reservation = budget.Reserve(750_000, env);

        Assert.That(await reservation.Decided.WaitAsync(Envs.Patience), Is.True);
    }

    /// <summary>Brings frames of given lengths in pieces as large as the buffer takes, and then ends.</summary>
    private sealed class Wire(int[] lengths) : IChannel
    {
        private readonly byte[] _bytes = [.. lengths.SelectMany(static length => (byte[])[.. BitConverter.GetBytes(length), .. new byte[length]])];
        private int _at;

        public string Remote => "a test";

        public bool IsEncrypted => false;

        public bool HasUnread => false;

        public ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Assert.That(buffer.Length, Is.Positive);
            var piece = _bytes.AsMemory(_at, Math.Min(buffer.Length, _bytes.Length - _at));
            piece.CopyTo(buffer);
            _at += piece.Length;
            return new ValueTask<int>(piece.Length);
        }

        public ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) => default;

        public void ShutdownSend() { }

        public void Dispose() { }
    }

    private sealed class Handler : IFrameHandler
    {
        public required int Share { get; init; }

        public List<int> Lengths { get; } = [];

        public int Grown { get; private set; }

        public int MostGrown { get; private set; }

        public int Reserved { get; private set; }

        public int MostReserved { get; private set; }

        public void OnFrame(ReadOnlySpan<byte> frame) => Lengths.Add(frame.Length);

        public ValueTask OnReceivedAsync(int bytes) => default;

        public bool TryGrow(int bytes)
        {
            if (Grown + bytes > Share) return false;
            Grown += bytes;
            MostGrown = Math.Max(MostGrown, Grown);
            return true;
        }

        public void Shrink(int bytes) => Grown -= bytes;

        public ValueTask<bool> ReserveAsync(int bytes)
        {
            Assert.That(Reserved, Is.Zero, "one at a time");
            Reserved = bytes;
            MostReserved = Math.Max(MostReserved, bytes);
            return new ValueTask<bool>(true);
        }

        public void EndReservation() => Reserved = 0;
    }
}
