using Sparkish.Rpc;

namespace Sparkish.Tests.Rpc.Transport;

internal sealed class SimultaneousDialTests
{
    [Test]
    public async Task Of_two_dials_at_once_one_connection_remains_and_nothing_is_lost()
    {
        for (var round = 0; round < 300; round++)
        {
            await using var a = Envs.New("a");
            await using var b = Envs.New("b");
            var (onA, onB) = (new TestEndpoint(onAsk: (message, call) => call.Reply(message)), new TestEndpoint(onAsk: (message, call) => call.Reply(message)));
            var (toA, toB) = (a.SetupEndpoint("e", onA).From(b), b.SetupEndpoint("e", onB).From(a));

            var asks = await Task.WhenAll(Task.Run(() => Ask(toA)), Task.Run(() => Ask(toB)));
            var answers = await Task.WhenAll(asks.SelectMany(each => each)).WaitAsync(Envs.Patience);

            using (Assert.EnterMultipleScope())
            {
                Assert.That(answers, Is.EqualTo(Enumerable.Range(0, 10).Concat(Enumerable.Range(0, 10))));
                Assert.That((await onA.NextNetworkAsync(), await onB.NextNetworkAsync()),
                    Is.EqualTo(($"connected {b.Address}", $"connected {a.Address}")), $"round {round}");
                Assert.That(onA.Network.Reader.TryRead(out var more) ? more : "", Is.Empty, $"round {round}");
                Assert.That(onB.Network.Reader.TryRead(out more) ? more : "", Is.Empty, $"round {round}");
            }
        }
    }

    private static List<Task<int>> Ask(RpcEndpointRef there) => [.. Enumerable.Range(0, 10).Select(i => there.AskAsync<int>(i).AsTask())];
}
