#pragma warning disable MA0048 // the code of one page
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;

namespace Sparkish.Tests.Docs;

// <snippet hello>
public sealed record Greet(string Name);

public sealed record Greeting(string Text);

public sealed record Forget;

public sealed class Greeter : RpcEndpoint
{
    private int _greeted; // no lock: an endpoint handles one message at a time

    public override void Receive(object message) // messages from Send
    {
        switch (message)
        {
            case Forget: _greeted = 0; break;
            default: base.Receive(message); break;
        }
    }

    public override void ReceiveAndReply(object message, RpcCallContext call) // messages from AskAsync
    {
        switch (message)
        {
            case Greet m: call.Reply(new Greeting($"Hello {m.Name}, you are number {++_greeted}.")); break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }
}
// </snippet>

/// <summary>The first pages of docs/rpc.md; what stands between the marks stands there, too.</summary>
internal sealed class RpcGuideFirstStepsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Test]
    public async Task The_hello_endpoint_greets_and_forgets()
    {
        // <snippet hello-run>
        await using var env = RpcEnv.Create(new RpcEnvOptions("hello") { Listen = false });
        var greeter = env.SetupEndpoint("Greeter", new Greeter());

        greeter.Send(new Forget());
        var greeting = await greeter.AskAsync<Greeting>(new Greet("Ada"));
        // </snippet>

        Assert.That(greeting.Text, Is.EqualTo("Hello Ada, you are number 1."));
    }

    [Test]
    public async Task The_same_over_the_network()
    {
        // <snippet network>
        var messages = new MessageRegistry().Add<Greet>(100).Add<Greeting>(101).Add<Forget>(102);

        await using var server = RpcEnv.Create(new RpcEnvOptions("server", new SparkConf(), messages));
        server.SetupEndpoint("Greeter", new Greeter());
        var url = $"spark://Greeter@{server.Address}"; // spark://Greeter@127.0.0.1:41234

        await using var client = RpcEnv.Create(new RpcEnvOptions("client", new SparkConf(), messages) { Listen = false });
        var greeter = await client.SetupEndpointRefAsync(RpcEndpointAddress.Parse(url));
        var greeting = await greeter.AskAsync<Greeting>(new Greet("Ada"), timeout: TimeSpan.FromSeconds(10));
        // </snippet>

        Assert.That(greeting.Text, Is.EqualTo("Hello Ada, you are number 1."));
    }

    [Test]
    public async Task A_ref_by_name_leads_to_a_successor_and_one_that_was_given_does_not()
    {
        await using var env = NewEnv();

        // <snippet incarnations>
        var given = env.SetupEndpoint("Greeter", new Greeter());
        env.Stop(given);
        env.SetupEndpoint("Greeter", new Greeter()); // a successor under the same name

        var byName = env.RefTo(new RpcEndpointAddress(env.Address, "Greeter"));
        await byName.AskAsync<Greeting>(new Greet("Ada")); // answered
        // given.AskAsync<Greeting>(new Greet("Ada")) throws EndpointNotFoundException
        // </snippet>

        Assert.That(async () => await given.AskAsync<Greeting>(new Greet("Ada")), Throws.TypeOf<EndpointNotFoundException>());
        Assert.That(byName.Incarnation, Is.Zero);
    }

    [Test]
    public async Task A_program_may_ask_with_its_own_thread()
    {
        await using var env = NewEnv();
        var greeter = env.SetupEndpoint("Greeter", new Greeter());

        // <snippet ask-sync>
        var greeting = greeter.AskSync<Greeting>(new Greet("Ada"));
        // </snippet>

        Assert.That(greeting.Text, Does.StartWith("Hello Ada"));
    }

    [Test]
    public async Task A_gate_answers_those_who_waited_when_it_opens()
    {
        await using var env = NewEnv();
        var gate = env.SetupEndpoint("Gate", new Gate());

        var first = gate.AskAsync<bool>(new Pass()).AsTask();
        var second = gate.AskAsync<bool>(new Pass()).AsTask();
        gate.Send(new Open());

        Assert.That(await Task.WhenAll(first, second).WaitAsync(Patience), Is.EqualTo(new[] { true, true }));
    }

    private static RpcEnv NewEnv() => RpcEnv.Create(new RpcEnvOptions("guide", new SparkConf(), new MessageRegistry()) { Listen = false });
}

internal sealed record Pass;

internal sealed record Open;

// <snippet later>
internal sealed class Gate : RpcEndpoint
{
    private readonly List<RpcCallContext> _waiting = [];

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case Pass: _waiting.Add(call); break; // answered when the gate opens
            default: base.ReceiveAndReply(message, call); break;
        }
    }

    public override void Receive(object message)
    {
        switch (message)
        {
            case Open: OnOpen(); break;
            default: base.Receive(message); break;
        }
    }

    private void OnOpen()
    {
        foreach (var call in _waiting) call.Reply(true);
        _waiting.Clear();
    }
}
// </snippet>
