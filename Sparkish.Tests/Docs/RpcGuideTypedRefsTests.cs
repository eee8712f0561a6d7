#pragma warning disable MA0048 // the code of one page
using Sparkish.Rpc;

namespace Sparkish.Tests.Docs;

/// <summary>The page of docs/rpc.md on typed refs.</summary>
internal sealed class RpcGuideTypedRefsTests
{
    [Test]
    public async Task A_typed_ref_takes_its_messages()
    {
        await using var env = RpcEnv.Create("guide");

        // <snippet typed-ref>
        RpcEndpointRef<IToDesk> desk = env.SetupEndpoint("desk", new Desk()).As<IToDesk>();

        desk.Send(new Place("tea"));                    // a message of another kind does not compile
        var orders = await desk.AskAsync<int>(new Count());
        RpcEndpointRef plain = desk;                    // for code that takes any ref
        // </snippet>

        Assert.That((orders, plain.Name), Is.EqualTo((1, "desk")));
    }

    private interface IToDesk;

    private sealed record Place(string What) : IToDesk;

    private sealed record Count : IToDesk;

    private sealed class Desk : RpcEndpoint
    {
        private int _orders;

        public override void Receive(object message)
        {
            switch (message)
            {
                case Place: _orders++; break;
                default: base.Receive(message); break;
            }
        }

        public override void ReceiveAndReply(object message, RpcCallContext call)
        {
            switch (message)
            {
                case Count: call.Reply(_orders); break;
                default: base.ReceiveAndReply(message, call); break;
            }
        }
    }
}
