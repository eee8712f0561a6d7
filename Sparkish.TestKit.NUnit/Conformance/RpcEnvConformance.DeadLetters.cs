using Sparkish.Rpc;

namespace Sparkish.TestKit.NUnit.Conformance;

/// <content>An undeliverable message is a dead letter of the env that detects it.</content>
public abstract partial class RpcEnvConformance
{
    [TestCase(false)]
    [TestCase(true)]
    public Task A_message_to_an_endpoint_that_is_not_there_is_a_dead_letter_of_the_receiving_env(bool remote) =>
        CheckAsync(RpcEnvFeature.DeadLetters, async () =>
    {
        var (server, client) = NewPair(remote);
        var letters = new EventLog<DeadLetter>(server, "Dead letters");
        using var subscription = server.DeadLetters.Subscribe(letters.Add);

        client.RefTo(new RpcEndpointAddress(server.Address, "nobody")).Send(new Text("lost", 1));

        Assert.That(await letters.NextAsync(), Is.EqualTo(new DeadLetter(DeadLetterReason.EndpointNotFound, server.Address)
        {
            Endpoint = "nobody",
            Message = new Text("lost", 1),
            Sender = remote ? client.Address : null,
            Description = "no such endpoint, or it has stopped",
        }));
        Assert.That(server.DeadLetters.Total, Is.EqualTo(1));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task A_message_to_an_endpoint_that_has_stopped_is_a_dead_letter_too(bool remote) => CheckAsync(RpcEnvFeature.DeadLetters, async () =>
    {
        var (server, client) = NewPair(remote);
        var witness = Register(server, "e");
        var letters = new EventLog<DeadLetter>(server, "Dead letters");
        using var subscription = server.DeadLetters.Subscribe(letters.Add);

        server.Stop(witness.Self);
        await ExpectEventsAsync(witness, "start", "stop");
        client.RefTo(witness.Self).Send(new Text("late", 1));

        var letter = await letters.NextAsync();
        Assert.That((letter.Reason, letter.Endpoint, letter.MessageType, letter.Count), Is.EqualTo((DeadLetterReason.EndpointNotFound, "e", typeof(Text), 1L)));
    });

    [Test]
    public Task Messages_to_a_node_that_is_gone_are_dead_letters_of_the_sending_env() => CheckAsync(RpcEnvFeature.DeadLetters, async () =>
    {
        var (server, client) = NewPair(remote: true);
        var there = client.RefTo(Register(server, "e").Self);
        await server.DisposeAsync();
        var letters = new EventLog<DeadLetter>(client, "Dead letters");
        using var subscription = client.DeadLetters.Subscribe(letters.Add);

        there.Send(new Text("into the void", 1));

        var letter = await letters.NextAsync();
        Assert.That((letter.Reason, letter.Node, letter.Count), Is.EqualTo((DeadLetterReason.PeerUnreachable, server.Address, 1L)));
    });

    [Test]
    public Task A_subscriber_to_dead_letters_that_throws_harms_neither_the_sender_nor_other_subscribers() => CheckAsync(RpcEnvFeature.DeadLetters, async () =>
    {
        var env = NewEnv();
        var letters = new EventLog<DeadLetter>(env, "Dead letters");
        using var bad = env.DeadLetters.Subscribe(_ => throw new InvalidOperationException("no mail today"));
        using var good = env.DeadLetters.Subscribe(letters.Add);
        var nobody = env.RefTo(new RpcEndpointAddress(env.Address, "nobody"));

        nobody.Send("one");
        nobody.Send("two");

        Assert.That(((await letters.NextAsync()).Message, (await letters.NextAsync()).Message), Is.EqualTo(("one", "two")));
    });
}
