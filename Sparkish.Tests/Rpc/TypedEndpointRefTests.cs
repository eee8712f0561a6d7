using Sparkish.Rpc;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Messages;
using Sparkish.Serialization.Types;

namespace Sparkish.Tests.Rpc;

internal sealed class TypedEndpointRefTests
{
    [Test]
    public async Task A_typed_ref_sends_and_asks()
    {
        await using var env = Envs.New();
        var desk = env.SetupEndpoint("desk", new Desk()).As<IToDesk>();

        desk.Send(new Order(3));
        desk.Send(new Order(4));

        Assert.That(await desk.AskAsync<int>(new Total()), Is.EqualTo(7));
        Assert.That(desk.AskSync<int>(new Total()), Is.EqualTo(7));
    }

    [Test]
    public async Task A_typed_ref_inside_a_message_works_on_arrival()
    {
        var messages = new MessageRegistry().Add<Order>(100).Add<Total>(101).Add<Introduce>(102);
        await using var server = Envs.New(Envs.Options("server") with { Messages = messages });
        await using var client = Envs.New(Envs.Options("client") with { Messages = messages });
        var desk = server.SetupEndpoint("desk", new Desk());
        var till = client.SetupEndpoint("till", new Desk()).As<IToDesk>();

        desk.From(client).Send(new Introduce(till, new Order(5)));
        await desk.From(client).AskAsync<int>(new Total());

        Assert.That(() => till.AskAsync<int>(new Total()).AsTask(), Is.EqualTo(5).After(10_000, 10));
    }

    [Test]
    public async Task A_typed_ref_has_the_bytes_of_the_ref()
    {
        await using var env = Envs.New();
        var self = env.SetupEndpoint("desk", new Desk());
        var (typed, untyped) = (new ByteWriter(), new ByteWriter());

        Codec.For<RpcEndpointRef<IToDesk>>().Write(typed, self.As<IToDesk>());
        Codec.For<RpcEndpointRef>().Write(untyped, self);

        Assert.That(typed.ToArray(), Is.EqualTo(untyped.ToArray()));
    }

    [Test]
    public async Task A_typed_ref_survives_a_graph_of_objects()
    {
        await using var env = Envs.New();
        var context = new RpcSerializationContext(env) { Types = TypeBinder.Application };
        var desk = env.SetupEndpoint("desk", new Desk()).As<IToDesk>();

        var read = ObjectSerializer.Deserialize<object>(ObjectSerializer.Serialize(new Introduce(desk, new Order(1)), context), context);

        Assert.That(read, Is.EqualTo(new Introduce(desk, new Order(1))));
    }

    [Test]
    public async Task A_typed_ref_is_the_ref_and_can_be_narrowed()
    {
        await using var env = Envs.New();
        var self = env.SetupEndpoint("desk", new Desk());
        var desk = (RpcEndpointRef<IToDesk>)self;
        RpcEndpointRef untyped = desk;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(untyped, Is.SameAs(self));
            Assert.That(desk, Is.EqualTo(self.As<IToDesk>()));
            Assert.That(desk.For<Order>().Untyped, Is.SameAs(self));
            Assert.That((desk.Name, desk.Address, desk.Incarnation, desk.ToString()), Is.EqualTo((self.Name, self.Address, self.Incarnation, self.ToString())));
        }
    }

    [Test]
    public void An_empty_typed_ref_says_so() =>
        Assert.That(() => default(RpcEndpointRef<Order>)
            .Send(new Order(1)), Throws.InvalidOperationException.With.Message.Contains("RpcEndpointRef<Order> is empty"));

    private interface IToDesk;

    private sealed record Order(int Amount) : IToDesk;

    private sealed record Total : IToDesk;

    private sealed record Introduce(RpcEndpointRef<IToDesk> Till, Order Order);

    private sealed class Desk : RpcEndpoint
    {
        private int _total;

        public override void Receive(object message)
        {
            switch (message)
            {
                case Order m: _total += m.Amount; break;
                case Introduce m: m.Till.Send(m.Order); break;
                default: base.Receive(message); break;
            }
        }

        public override void ReceiveAndReply(object message, RpcCallContext call)
        {
            if (message is Total) call.Reply(_total);
            else base.ReceiveAndReply(message, call);
        }
    }
}
