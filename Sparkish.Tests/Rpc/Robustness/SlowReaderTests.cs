using System.Net.Sockets;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;

namespace Sparkish.Tests.Rpc.Robustness;

/// <summary>A message that counts how often it was deserialized.</summary>
public sealed record Weight(int Number, byte[] Bytes)
{
    private static int _made;

    /// <summary>How many there ever were in this process.</summary>
    public static int Made => Volatile.Read(ref _made);

    public int Number { get; } = Count(Number);

    private static int Count(int number)
    {
        Interlocked.Increment(ref _made);
        return number;
    }
}

[NonParallelizable] // the memory of the process is measured, and messages of a type are counted
internal sealed class SlowReaderTests
{
    private const int OutboxBytes = 4 << 20;
    private const int BacklogBytes = 1 << 20;

    private static readonly MessageRegistry Messages = new MessageRegistry().Add<Note>(100).Add<Blob>(101).Add<Weight>(102);

    [Test]
    public async Task A_peer_that_does_not_read_costs_its_outbox_and_disturbs_no_other()
    {
        var conf = new SparkConf(false).Set("spark.rpc.outbox.maxBytes", $"{OutboxBytes}");
        await using var client = Envs.New(conf: conf);
        await using var healthy = Envs.New();
        using var slow = new ScriptedPeer();
        var local = new TestEndpoint();
        client.SetupEndpoint("f", local);
        var toSlow = client.RefTo(new RpcEndpointAddress(slow.Address, "e"));
        var expected = 0;
        var toHealthy = healthy.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply((int)message == expected++))).From(client);
        var accepting = Task.Run(() => slow.AcceptAndGreet());
        toSlow.Send("first");
        using var socket = await accepting.WaitAsync(Envs.Patience);
        Assert.That(await local.NextNetworkAsync(), Does.StartWith("connected "));
        var (blob, memory) = (new Blob(new byte[100_000]), GC.GetTotalMemory(forceFullCollection: true));

        var refused = 0;
        for (var i = 0; i < 1000; i++)
        {
            toSlow.Send(blob);
            if (i % 10 == 0) refused += await IsRefusedAsync(toSlow, blob) ? 1 : 0;
            Assert.That(await toHealthy.AskAsync<bool>(i).AsTask().WaitAsync(Envs.Patience), Is.True, "in order, and nothing lost");
        }

        var grown = GC.GetTotalMemory(forceFullCollection: true) - memory;
        Assert.That(await local.NextNetworkAsync(), Does.StartWith("connected "), "the healthy peer");
        Assert.That(await local.NextNetworkAsync(), Is.EqualTo($"error {slow.Address}"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(refused, Is.Positive);
            Assert.That(grown, Is.LessThan(4 * OutboxBytes),
                "blocks are at most twice as large as what is in them, and the pool keeps a few; a hundred megabytes were sent");
            Assert.That(local.Network.Reader.TryPeek(out _), Is.False, "what was dropped is reported once");
        }

        var drained = Task.Run(() => ReadUntil(socket, "and again"u8.ToArray()));
        while (!await AcceptsAsync(toSlow, drained))
        {
            // It takes up what waited, and so makes room.
        }

        await drained.WaitAsync(Envs.Patience);
    }

    [Test]
    public async Task A_slow_endpoint_lets_its_peer_wait_and_then_gets_everything_in_order()
    {
        var conf = new SparkConf(false).Set("spark.rpc.backlog.maxBytes", $"{BacklogBytes}");
        await using var server = Envs.New(Envs.Options("server", conf) with { Messages = Messages });
        await using var client = Envs.New(Envs.Options("client", new SparkConf(false).Set("spark.rpc.outbox.maxBytes", "2m")) with { Messages = Messages });
        using var gate = new ManualResetEventSlim();
        var handled = new List<int>();
        var there = server.SetupEndpoint("e", new Gated(gate, handled)).From(client);
        var network = new TestEndpoint();
        server.SetupEndpoint("n", network);
        var bytes = new byte[10_000];
        var madeBefore = Weight.Made;

        var asks = new List<Task<int>>();
        while (!asks.Exists(ask => ask.IsFaulted))
        {
            asks.Add(there.AskAsync<int>(new Weight(asks.Count, bytes)).AsTask());
            if (asks[^1].IsFaulted) await Task.Yield();
        }

        var read = Weight.Made - madeBefore - asks.Count; // without those that the client made
        gate.Set();
        var answers = new List<int>();
        foreach (var ask in asks)
        {
            try
            {
                answers.Add(await ask.WaitAsync(Envs.Patience));
            }
            catch (RpcOutboxFullException)
            {
                // It was not taken, and that was told.
            }
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(read, Is.LessThanOrEqualTo(4 * BacklogBytes / bytes.Length),
                "what was read before the endpoint had time: at four times the backlog reading pauses, whatever the peer does");
            Assert.That(answers, Has.Count.GreaterThan(read), "more was sent than was read");
            Assert.That(handled, Is.EqualTo(answers).And.Ordered);
            Assert.That(await network.NextNetworkAsync(), Is.EqualTo($"connected {client.Address}"));
            Assert.That(network.Network.Reader.TryPeek(out _), Is.False, "the connection lasts");
        }
    }

    private static async Task<bool> IsRefusedAsync(RpcEndpointRef receiver, Blob blob)
    {
        using var leave = new CancellationTokenSource();
        var ask = receiver.AskAsync<int>(blob, cancellationToken: leave.Token).AsTask();
        await leave.CancelAsync();
        try
        {
            await ask.WaitAsync(Envs.Patience);
            return false;
        }
        catch (RpcOutboxFullException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Sends once more, and gives what was sent a moment to get there.</summary>
    private static async Task<bool> AcceptsAsync(RpcEndpointRef receiver, Task drained)
    {
        receiver.Send("and again");
        return await Task.WhenAny(drained, Task.Delay(10)) == drained;
    }

    private static void ReadUntil(Socket socket, byte[] wanted)
    {
        var buffer = new byte[1 << 20];
        for (var kept = 0; ;)
        {
            var read = socket.Receive(buffer.AsSpan(kept));
            if (read == 0) throw new EndOfStreamException();
            var all = buffer.AsSpan(0, kept + read);
            if (all.IndexOf(wanted) >= 0) return;
            kept = Math.Min(all.Length, wanted.Length);
            all[^kept..].CopyTo(buffer);
        }
    }

    private sealed class Gated(ManualResetEventSlim gate, List<int> handled) : IsolatedRpcEndpoint
    {
        public override void ReceiveAndReply(object message, RpcCallContext call)
        {
            gate.Wait();
            var number = ((Weight)message).Number;
            handled.Add(number);
            call.Reply(number);
        }
    }
}
