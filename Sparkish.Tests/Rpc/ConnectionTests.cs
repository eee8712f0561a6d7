using System.Buffers.Binary;
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sparkish.Rpc;
using Sparkish.Rpc.Handshakes;
using Sparkish.TestKit;

namespace Sparkish.Tests.Rpc;

internal sealed class ConnectionTests
{
    private static readonly RpcAddress SomePeer = new("127.0.0.1", 65000);

    [Test]
    public async Task Both_sides_are_told_once_of_connect_and_disconnect()
    {
        await using var server = Envs.New("server");
        var client = Envs.New("client");
        var onServer = new TestEndpoint(onAsk: (message, call) => call.Reply(message));
        var onClient = new TestEndpoint();
        var there = server.SetupEndpoint("e", onServer).From(client);
        client.SetupEndpoint("f", onClient);

        for (var i = 0; i < 10; i++) await there.AskAsync<int>(i).AsTask().WaitAsync(Envs.Patience);
        var seen = (await onServer.NextNetworkAsync(), await onClient.NextNetworkAsync());
        await client.DisposeAsync();
        var last = await onServer.NextNetworkAsync();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(seen, Is.EqualTo(($"connected {client.Address}", $"connected {server.Address}")));
            Assert.That(last, Is.EqualTo($"disconnected {client.Address}"));
            Assert.That(onServer.Network.Reader.TryPeek(out _), Is.False);
            Assert.That(onClient.Network.Reader.TryPeek(out _), Is.False);
        }
    }

    [Test]
    public async Task An_ask_fails_at_once_when_its_peer_goes_away()
    {
        var server = Envs.New();
        await using var client = Envs.New();
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var onClient = new TestEndpoint();
        client.SetupEndpoint("f", onClient);
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: (_, _) => asked.SetResult())).From(client);

        var ask = there.AskAsync<int>("?").AsTask();
        await asked.Task.WaitAsync(Envs.Patience);
        await server.DisposeAsync();

        var error = Assert.ThrowsAsync<RpcConnectionException>(() => ask.WaitAsync(Envs.Patience));
        Assert.That(error!.Message, Does.Contain(server.Address.ToString()));
        Assert.That((await onClient.NextNetworkAsync(), await onClient.NextNetworkAsync()),
            Is.EqualTo(($"connected {server.Address}", $"disconnected {server.Address}")));
    }

    [Test]
    public async Task A_peer_that_is_not_there_fails_asks_and_is_tried_anew_when_it_is()
    {
        await using var client = Envs.New();
        var endpoint = new TestEndpoint();
        client.SetupEndpoint("f", endpoint);
        var address = ScriptedPeer.Nobody();
        var there = client.RefTo(new RpcEndpointAddress(address, "e"));

        there.Send(1);
        var error = Assert.ThrowsAsync<RpcConnectionException>(() => there.AskAsync<int>(2).AsTask().WaitAsync(Envs.Patience));
        var told = await endpoint.NextNetworkAsync();
        await using var server = Envs.New(Envs.Options() with { Port = address.Port });
        server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message)));
        var answer = await there.AskAsync<int>(3).AsTask().WaitAsync(Envs.Patience);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(error!.Message, Does.StartWith($"Cannot connect to {address}: "));
            Assert.That(told, Is.EqualTo($"error {address}"));
            Assert.That(answer, Is.EqualTo(3));
        }
    }

    [Test]
    public async Task What_was_sent_last_arrives_before_the_sender_is_gone()
    {
        for (var round = 0; round < 50; round++)
        {
            await using var server = Envs.New();
            var client = Envs.New();
            var endpoint = new TestEndpoint();
            var there = server.SetupEndpoint("e", endpoint).From(client);

            for (var i = 0; i < 100; i++) there.Send(i);
            await client.DisposeAsync().AsTask().WaitAsync(Envs.Patience);

            Assert.That(await endpoint.NextAsync(), Is.EqualTo("start"));
            for (var i = 0; i < 100; i++) Assert.That(await endpoint.NextAsync(), Is.EqualTo(i));
        }
    }

    [Test]
    public async Task Two_envs_that_dial_each_other_at_once_lose_nothing()
    {
        for (var round = 0; round < 50; round++)
        {
            await using var a = Envs.New("a");
            await using var b = Envs.New("b");
            var toA = a.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message))).From(b);
            var toB = b.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message))).From(a);

            var asks = Enumerable.Range(0, 20).SelectMany(i => new[] { toA.AskAsync<int>(i).AsTask(), toB.AskAsync<int>(i).AsTask() }).ToList();

            Assert.That((await Task.WhenAll(asks).WaitAsync(Envs.Patience)).Sum(), Is.EqualTo(2 * 190));
        }
    }

    [Test]
    public async Task A_message_that_is_too_large_is_refused_at_the_sender()
    {
        var small = new SparkConf(false).Set("spark.rpc.message.maxSize", "1m");
        await using var server = Envs.New();
        await using var client = Envs.New(conf: small);
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: (_, call) => call.Reply(1))).From(client);

        Assert.That(() => there.Send(new Blob(new byte[2 << 20])), Throws.InstanceOf<SparkException>().With.Message.Contains("spark.rpc.message.maxSize"));
        Assert.ThrowsAsync<SparkException>(() => there.AskAsync<int>(new Blob(new byte[2 << 20])).AsTask().WaitAsync(Envs.Patience));
        Assert.That(await there.AskAsync<int>(new Blob(new byte[1 << 19])).AsTask().WaitAsync(Envs.Patience), Is.EqualTo(1));
    }

    [Test]
    public async Task A_message_that_is_too_large_is_not_read()
    {
        var log = new LogLines();
        await using var server = Envs.New(Envs.Options(conf: new SparkConf(false).Set("spark.rpc.message.maxSize", "1m")) with { LoggerFactory = log });
        var frame = new byte[100];
        BinaryPrimitives.WriteInt32LittleEndian(frame, 2 << 20);

        ScriptedPeer.Exchange(server.Address, ScriptedPeer.Greeting(SomePeer), frame);

        Assert.That(log.Warnings.Single(), Does.Contain("spark.rpc.message.maxSize"));
    }

    [Test]
    public async Task A_large_message_arrives_whole_among_small_ones()
    {
        await using var server = Envs.New();
        await using var client = Envs.New();
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message is Blob blob ? blob.Bytes.Length : message)))
            .From(client);

        var asks = Enumerable.Range(0, 10)
            .SelectMany(i => new[] { there.AskAsync<int>(i).AsTask(), there.AskAsync<int>(new Blob(new byte[i << 18])).AsTask() }).ToList();

        Assert.That(await Task.WhenAll(asks).WaitAsync(Envs.Patience), Is.EqualTo(Enumerable.Range(0, 10).SelectMany(i => new[] { i, i << 18 })));
    }

    [Test]
    public async Task Strangers_are_turned_away_and_peers_served()
    {
        var log = new LogLines();
        await using var server = Envs.New(Envs.Options() with { LoggerFactory = log });
        await using var client = Envs.New();
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: (message, call) => call.Reply(message))).From(client);
        var greeting = ScriptedPeer.Greeting(SomePeer);

        var answers = new[]
        {
            ScriptedPeer.Exchange(server.Address, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray()),
            ScriptedPeer.Exchange(server.Address, [.. Enumerable.Range(0, 255).Select(i => (byte)i)]),
            ScriptedPeer.Exchange(server.Address, [.. greeting[..13], 255, 255]),
            ScriptedPeer.Exchange(server.Address, [.. greeting[..15], 77, .. greeting[16..]]),
            ScriptedPeer.Exchange(server.Address, [.. greeting[..15], .. new byte[greeting.Length - 15].Select(_ => (byte)200)]),
        };

        using (Assert.EnterMultipleScope())
        {
            Assert.That(answers.Select(answer => answer.Length > 0),
                Is.EqualTo(new[] { false, false, false, true, true }), "who does not speak our protocol is told nothing");
            Assert.That(log.Warnings, Has.Count.EqualTo(RefusalLog.LinesAtOnce).And.All.Contains("Refused a connection"), "the fifth is only counted");
            Assert.That(await there.AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience), Is.EqualTo(1));
        }
    }

    [Test]
    public async Task A_silent_stranger_is_turned_away_in_time()
    {
        var log = new LogLines();
        await using var server = Envs.New(Envs.Options(conf: new SparkConf(false).Set("spark.rpc.io.connectionTimeout", "50ms")) with { LoggerFactory = log });

        ScriptedPeer.Exchange(server.Address, "SPARK"u8.ToArray());

        Assert.That(await log.NextWarningAsync(), Does.Contain("spark.rpc.io.connectionTimeout"));
    }

    [Test]
    public async Task Garbage_behind_the_handshake_ends_that_connection_only()
    {
        var log = new LogLines();
        await using var server = Envs.New(Envs.Options() with { LoggerFactory = log });
        var random = new Random(7);

        for (var round = 0; round < 50; round++)
        {
            var garbage = new byte[200];
            random.NextBytes(garbage);
            BinaryPrimitives.WriteInt32LittleEndian(garbage, 100);
            garbage[104..108].AsSpan().Fill(255);
            BinaryPrimitives.WriteInt32LittleEndian(garbage.AsSpan(104), -1);
            ScriptedPeer.Exchange(server.Address, ScriptedPeer.Greeting(SomePeer), garbage);
        }

        Assert.That(log.Warnings, Is.Not.Empty);
        Assert.That(log.Errors, Is.Empty);
    }

    [Test]
    public async Task A_peer_of_another_version_is_named_on_both_sides()
    {
        var log = new LogLines();
        await using var env = Envs.New(Envs.Options() with { LoggerFactory = log });
        using var newer = new ScriptedPeer();
        var script = Task.Run(() =>
        {
            using var socket = newer.Accept();
            ScriptedPeer.ReceiveHello(socket);
            socket.Send(ScriptedPeer.Prelude(version: 6, oldest: 5));
            return ScriptedPeer.ReceiveStep(socket).Step;
        });

        var dialled = Assert.ThrowsAsync<RpcConnectionException>(
            () => env.RefTo(new RpcEndpointAddress(newer.Address, "e")).AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience));
        var answer = ScriptedPeer.Exchange(env.Address, ScriptedPeer.Prelude(version: 1, oldest: 1));
        var told = await script.WaitAsync(Envs.Patience);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(dialled!.Message, Does.Contain("version 6 and this node 4; this node is the older one"));
            Assert.That(log.Warnings.Last(), Does.Contain("version 1 and this node 4; the peer is the older one"));
            Assert.That(told, Is.EqualTo(5));
            Assert.That(answer.AsSpan(0, 10).SequenceEqual("SPARKISH\u0004\0"u8));
        }
    }

    [Test]
    public async Task A_port_in_use_is_an_error_with_advice()
    {
        await using var first = Envs.New();

        Assert.That(() => Envs.New(Envs.Options("second") with { Port = first.Address.Port }),
            Throws.InstanceOf<SparkException>().With.Message.StartsWith($"Service 'second' cannot listen on {first.Address}: the port is in use.")
                .And.Message.Contains("--port"));
    }

    [Test]
    public async Task Only_who_says_so_listens_beyond_loopback()
    {
        var open = Envs.Options(conf: new SparkConf(false).Set("spark.authenticate", "false")) with { BindHost = "0.0.0.0", AdvertisedHost = "localhost" };
        await using var env = Envs.New(open);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(env.Address.Host, Is.EqualTo("localhost"));
            Assert.That(() => Envs.New(Envs.Options() with { BindHost = "0.0.0.0" }), Throws.InstanceOf<SparkException>()
                .With.Message.Contains("spark.authenticate to 'false'"));
            Assert.That(() => Envs.New(conf: new SparkConf(false).Set("spark.authenticate", "true")),
                Throws.InstanceOf<SparkException>().With.Message.Contains("there is no secret"));
        }
    }

    [Test]
    public async Task A_scheduled_message_comes_when_it_is_due_unless_it_was_cancelled()
    {
        var clock = new ManualClock();
        await using var env = Envs.New(Envs.Options() with { Time = clock, Listen = false });
        var endpoint = new TestEndpoint();
        var self = env.SetupEndpoint("e", endpoint);

        env.ScheduleOnce(TimeSpan.FromSeconds(1), self, "cancelled").Dispose();
        env.ScheduleOnce(TimeSpan.FromSeconds(2), self, "due");
        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.That((await endpoint.NextAsync(), await endpoint.NextAsync()), Is.EqualTo(("start", "due")));
    }

    [Test]
    public async Task A_peer_that_takes_nothing_fills_the_outbox_and_is_reported_once()
    {
        var log = new LogLines();
        await using var client = Envs.New(Envs.Options(conf: new SparkConf(false).Set("spark.rpc.outbox.maxBytes", "1m")) with { LoggerFactory = log });
        using var peer = new ScriptedPeer();
        var there = client.RefTo(new RpcEndpointAddress(peer.Address, "e"));

        for (var i = 0; i < 20; i++) there.Send(new Blob(new byte[100_000]));
        var error = Assert.ThrowsAsync<RpcOutboxFullException>(() => there.AskAsync<int>(new Blob(new byte[100_000])).AsTask().WaitAsync(Envs.Patience));

        Assert.That(error!.Message, Does.Contain("spark.rpc.outbox.maxBytes"));
        Assert.That(log.Warnings.Count(line => line.Contains("spark.rpc.outbox.maxBytes", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    /// <summary>Keeps what an env logs.</summary>
    private sealed class LogLines : ILoggerFactory, ILogger
    {
        private readonly System.Threading.Channels.Channel<string> _warnings = System.Threading.Channels.Channel.CreateUnbounded<string>();

        public ConcurrentQueue<string> Warnings { get; } = new();

        public ConcurrentQueue<string> Errors { get; } = new();

        public async Task<string> NextWarningAsync() => await _warnings.Reader.ReadAsync().AsTask().WaitAsync(Envs.Patience);

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) { }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel < LogLevel.Warning) return;
            var line = formatter(state, exception);
            (logLevel == LogLevel.Warning ? Warnings : Errors).Enqueue(line);
            _warnings.Writer.TryWrite(line);
        }

        public void Dispose() { }
    }
}
