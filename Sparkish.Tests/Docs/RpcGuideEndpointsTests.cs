#pragma warning disable MA0048 // the code of one page
using System.Collections.Concurrent;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;
using Sparkish.Serialization.Types;

namespace Sparkish.Tests.Docs;

/// <summary>The pages of docs/rpc.md on what endpoints do; what stands between the marks stands there, too.</summary>
internal sealed class RpcGuideEndpointsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Test]
    public async Task Slow_work_comes_back_as_a_message()
    {
        using var directory = new TemporaryDirectory();
        await using var env = NewEnv();
        var reader = env.SetupEndpoint("LineCounter", new LineCounter());

        var lines = await reader.AskAsync<int>(new CountLines(directory.Write("a.txt", "1\n2\n3\n")));

        Assert.That(lines, Is.EqualTo(3));
        Assert.That(async () => await reader.AskAsync<int>(new CountLines("/no/such/file")), Throws.InstanceOf<IOException>());
    }

    [Test]
    public async Task A_timer_is_a_message_now_and_then()
    {
        await using var env = NewEnv();
        var probe = new ProbeEndpoint();

        env.SetupEndpoint("Ticker", new Ticker(env.SetupEndpoint("Probe", probe)));

        Assert.That(await probe.ExpectAsync<int>(), Is.EqualTo(1));
        Assert.That(await probe.ExpectAsync<int>(), Is.EqualTo(2));
    }

    [Test]
    public async Task A_failed_endpoint_is_replaced_by_a_fresh_instance()
    {
        await using var env = NewEnv();

        // <snippet restart>
        var store = env.SetupEndpoint("Store", () => new Store(), new RestartLimit(3, TimeSpan.FromMinutes(1)));
        // </snippet>

        await store.AskAsync<int>(new Put(1));
        Assert.That(async () => await store.AskAsync<int>(new Put(-1)), Throws.TypeOf<InvalidDataException>());
        Assert.That(await store.AskAsync<int>(new Put(1)), Is.EqualTo(1), "the fresh instance is empty");
        Assert.That(async () => await store.AskAsync<int>(new Put(-2)), Throws.ArgumentException);
        Assert.That(await store.AskAsync<int>(new Put(1)), Is.EqualTo(2), "the same instance went on");
    }

    [Test]
    public async Task A_watcher_is_told_of_an_end()
    {
        await using var env = NewEnv();
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var store = env.SetupEndpoint("Store", new Store());
        var nurse = env.SetupEndpoint("Nurse", new Nurse(ended.SetResult));

        nurse.Send(new LookAfter(store));
        env.Stop(store);

        Assert.That(await ended.Task.WaitAsync(Patience), Does.EndWith(": Stopped").Or.EndWith(": NotFound"));
    }

    [Test]
    public async Task Concurrent_and_isolated_endpoints_answer()
    {
        await using var env = NewEnv();
        var catalog = env.SetupEndpoint("Catalog", new Catalog());
        var verifier = env.SetupEndpoint("Heart", new Heart());

        Assert.That(await catalog.AskAsync<string>("one"), Is.EqualTo("1"));
        Assert.That(await verifier.AskAsync<string>("thread"), Is.EqualTo("dispatcher-Heart"));
    }

    [Test]
    public async Task A_node_listens_beyond_its_machine_with_a_secret()
    {
        using var directory = new TemporaryDirectory();
        var secretFile = directory.Write("secret", Convert.ToBase64String(Guid.NewGuid().ToByteArray()));
        const string ReachableHost = "127.0.0.1";
        var messages = new MessageRegistry().Add<Greet>(100).Add<Greeting>(101);

        // <snippet listen>
        var conf = new SparkConf().Set("spark.authenticate.secret.file", secretFile);
        await using var server = RpcEnv.Create(new RpcEnvOptions("server", conf, messages)
        {
            BindHost = "0.0.0.0",               // all interfaces; the default is 127.0.0.1
            AdvertisedHost = ReachableHost,     // the host in refs to its endpoints, if it is not the bound address
            Port = 7077,                        // 0, the default, lets the system choose
            PortMaxRetries = 16,                // 7078, 7079, … if it is in use
        });
        // </snippet>

        server.SetupEndpoint("Greeter", new Greeter());
        await using var client = RpcEnv.Create(new RpcEnvOptions("client", conf, messages) { Listen = false });
        var greeting = await client.RefTo(new RpcEndpointAddress(server.Address, "Greeter")).AskAsync<Greeting>(new Greet("Ada"));
        Assert.That(greeting.Text, Does.StartWith("Hello Ada"));
    }

    [Test]
    public async Task Types_of_the_application_need_no_number()
    {
        // <snippet user-types>
        RpcEnvOptions Options(string name) => new(name, new SparkConf(), new MessageRegistry()) { UserTypes = TypeBinder.Application };
        // </snippet>

        await using var server = RpcEnv.Create(Options("server"));
        await using var client = RpcEnv.Create(Options("client"));
        server.SetupEndpoint("Greeter", new Greeter());

        var greeting = await client.RefTo(new RpcEndpointAddress(server.Address, "Greeter")).AskAsync<Greeting>(new Greet("Ada"));

        Assert.That(greeting.Text, Does.StartWith("Hello Ada"));
    }

    private static RpcEnv NewEnv() => RpcEnv.Create(new RpcEnvOptions("guide", new SparkConf(), new MessageRegistry()) { Listen = false });
}

internal sealed record CountLines(string Path);

// <snippet pipe>
internal sealed class LineCounter : RpcEndpoint
{
    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case CountLines m:
                PipeToSelf(File.ReadAllLinesAsync(m.Path), lines => new Counted(lines.Length, call), error => new Failed(error, call));
                break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }

    public override void Receive(object message)
    {
        switch (message)
        {
            case Counted m: m.Call.Reply(m.Lines); break;
            case Failed m: m.Call.SendFailure(m.Error); break;
            default: base.Receive(message); break;
        }
    }

    private sealed record Counted(int Lines, RpcCallContext Call);

    private sealed record Failed(Exception Error, RpcCallContext Call);
}
// </snippet>

// <snippet timers>
internal sealed class Ticker(RpcEndpointRef listener) : RpcEndpoint
{
    private int _ticks;

    public override void OnStart() => Env.ScheduleRepeatedly(delay: TimeSpan.Zero, interval: TimeSpan.FromMilliseconds(100), Self, new Tick());

    public override void Receive(object message)
    {
        switch (message)
        {
            case Tick: listener.Send(++_ticks); break;
            default: base.Receive(message); break;
        }
    }

    private sealed record Tick;
}
// </snippet>

internal sealed record Put(int Number);

// <snippet supervision>
internal sealed class Store : RpcEndpoint
{
    private readonly List<int> _numbers = [];

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case Put { Number: -1 }: throw new InvalidDataException("The store is damaged.");
            case Put { Number: < 0 } m: throw new ArgumentException($"{m.Number} is negative.", nameof(message));
            case Put m:
                _numbers.Add(m.Number);
                call.Reply(_numbers.Count);
                break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }

    public override ErrorDirective OnError(Exception error) => error is InvalidDataException ? ErrorDirective.Restart : base.OnError(error);
}
// </snippet>

internal sealed record LookAfter(RpcEndpointRef Patient);

// <snippet watch>
internal sealed class Nurse(Action<string> report) : RpcEndpoint
{
    public override void Receive(object message)
    {
        switch (message)
        {
            case LookAfter m: Watch(m.Patient); break;
            case EndpointTerminated m: report($"{m.Endpoint.Name}: {m.Cause}"); break;
            default: base.Receive(message); break;
        }
    }
}
// </snippet>

// <snippet kinds>
internal sealed class Catalog : ConcurrentRpcEndpoint // concurrent messages: its state must be thread-safe
{
    private readonly ConcurrentDictionary<string, string> _entries = new(StringComparer.Ordinal) { ["one"] = "1" };

    public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(_entries.GetValueOrDefault((string)message));
}

internal sealed class Heart : IsolatedRpcEndpoint // its own thread, "dispatcher-Heart": answers even if the thread pool is busy
{
    public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(Thread.CurrentThread.Name);
}
// </snippet>
