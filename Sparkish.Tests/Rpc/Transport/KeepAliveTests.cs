using System.Net.Sockets;
using Sparkish.Rpc;
using Sparkish.TestKit;
using Sparkish.Tests.Rpc.Robustness;

namespace Sparkish.Tests.Rpc.Transport;

internal sealed class KeepAliveTests
{
    [Test]
    public async Task A_peer_that_falls_silent_is_taken_for_gone()
    {
        var clock = new ManualClock();
        await using var env = Envs.New(Envs.Options() with { Time = clock });
        using var peer = new ScriptedPeer();
        var local = new TestEndpoint();
        env.SetupEndpoint("f", local);
        var ask = env.RefTo(new RpcEndpointAddress(peer.Address, "e")).AskAsync<int>(1).AsTask();
        using var socket = peer.AcceptAndGreet();
        Assert.That(await local.NextNetworkAsync(), Is.EqualTo($"connected {peer.Address}"));

        clock.Advance(TimeSpan.FromSeconds(29));
        var early = ask.IsCompleted;
        clock.Advance(TimeSpan.FromSeconds(6));

        var error = Assert.ThrowsAsync<RpcConnectionException>(() => ask.WaitAsync(Envs.Patience));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(early, Is.False);
            Assert.That(error!.Message, Does.Contain("it sent nothing for 30s (spark.rpc.io.keepAliveTimeout)"));
            Assert.That(await local.NextNetworkAsync(), Is.EqualTo($"disconnected {peer.Address}"));
        }
    }

    [Test]
    public async Task An_idle_env_pings_and_its_peers_pings_keep_the_connection()
    {
        var clock = new ManualClock();
        await using var server = Envs.New(Envs.Options("server") with { Time = clock });
        await using var client = Envs.New();
        var network = new TestEndpoint();
        server.SetupEndpoint("n", network);
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message))).From(client);
        using var peer = Greeted(server, new RpcAddress("pinger", 1));
        await there.AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience);
        var pings = 0;

        for (var minute = 0; minute < 10; minute++)
        {
            // The server has taken the ping when it has answered the question behind it.
            peer.Send([.. Frames.Ping(), .. Frames.Ask(minute, Frames.Named("nobody"), [1])]);
            pings += UntilNotFound(peer);
            await there.AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience);
            clock.Advance(TimeSpan.FromSeconds(25));
        }

        Assert.That(pings, Is.GreaterThanOrEqualTo(9));
        Assert.That(await there.AskAsync<int>(2).AsTask().WaitAsync(Envs.Patience), Is.EqualTo(2));
    }

    /// <summary>A bare connection whose handshake is done.</summary>
    internal static Socket Greeted(RpcEnv env, RpcAddress self, ushort version = 2)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 30_000 };
        socket.Connect(env.Address.Host, env.Address.Port);
        socket.Send(ScriptedPeer.Greeting(self, version: version));
        ScriptedPeer.ReceiveHello(socket);
        ScriptedPeer.ReceiveStep(socket);
        Assert.That(ScriptedPeer.ReceiveStep(socket).Step, Is.EqualTo(3));
        return socket;
    }

    /// <summary>Whether the env has ended a connection on which it says nothing; waits for either.</summary>
    internal static bool IsEnded(Socket socket)
    {
        try
        {
            return socket.Receive(new byte[1]) == 0;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return true;
        }
    }

    /// <summary>Reads a frame's body.</summary>
    internal static byte[] ReadFrame(Socket socket) => ScriptedPeer.ReceiveExactly(socket, BitConverter.ToInt32(ScriptedPeer.ReceiveExactly(socket, 4)));

    private static int UntilNotFound(Socket socket)
    {
        for (var pings = 0; ;)
        {
            switch (ReadFrame(socket)[0])
            {
                case Frames.PingKind: pings++; break;
                case Frames.NotFoundKind or Frames.FailureKind: return pings;
                case var kind: throw new AssertionException($"A frame of kind {kind} came.");
            }
        }
    }
}
