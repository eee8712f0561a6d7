using Sparkish.Serialization.Types;
using Sparkish.Tests.Serialization;

namespace Sparkish.Tests.Rpc.Transport;

/// <summary>A reply is read as what was asked for.</summary>
[NonParallelizable]
internal sealed class ReplyTypeTests
{
    [Test]
    public async Task Nothing_runs_for_a_reply_of_another_type_than_was_asked_for()
    {
        await using var server = Envs.New(Envs.Options() with { UserTypes = TypeBinder.Application });
        await using var client = Envs.New(Envs.Options() with { UserTypes = TypeBinder.Application });
        var gadgets = new HashSet<int>([1, 2], new GadgetComparer());
        var endpoint = server.SetupEndpoint("gadgets", new TestEndpoint(onAsk: (_, call) => call.Reply(gadgets))).From(client);

        var expected = await endpoint.AskAsync<HashSet<int>>(1).AsTask().WaitAsync(Envs.Patience);
        var before = Calls.Count;
        var error = Assert.CatchAsync(async () => await endpoint.AskAsync<Uri>(2).AsTask().WaitAsync(Envs.Patience));
        var calls = Calls.Count - before;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(expected, Has.Count.EqualTo(2));
            Assert.That(error!.Message, Does.Contain("HashSet").And.Contain("where a System.Uri is expected"));
            Assert.That(calls, Is.Zero);
        }
    }
}
