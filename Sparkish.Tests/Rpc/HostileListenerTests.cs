using System.Diagnostics.Metrics;
using Sparkish.Rpc;

namespace Sparkish.Tests.Rpc;

/// <summary>A listener to the meter whose callback throws harms nobody but itself.</summary>
internal sealed class HostileListenerTests
{
    [Test]
    public async Task Asks_messages_restarts_and_connections_go_on()
    {
        const string Name = "has-a-hostile-listener";
        var measured = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == RpcMeter.Name) listener.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            foreach (var (_, tag) in tags)
            {
                if (!Equals(tag, Name)) continue;
                Interlocked.Increment(ref measured);
                throw new InvalidOperationException("of the listener");
            }
        });
        listener.Start();
        await using var server = Envs.New(Name);
        await using var client = Envs.New(Name);
        var fragile = server.SetupEndpoint("e", () => new Fragile());

        var local = await fragile.AskAsync<int>(1).AsTask().WaitAsync(Envs.Patience);
        fragile.Send("fail");
        var remote = await fragile.From(client).AskAsync<int>(2).AsTask().WaitAsync(Envs.Patience);
        server.RefTo(new RpcEndpointAddress(server.Address, "nobody")).Send("lost");

        Assert.That((local, remote), Is.EqualTo((1, 2)));
        Assert.That(async () => await fragile.AskAsync<int>("unanswered", TimeSpan.FromMilliseconds(1)).AsTask().WaitAsync(Envs.Patience),
            Throws.InstanceOf<RpcTimeoutException>());
        Assert.That(measured, Is.GreaterThanOrEqualTo(5), "The asks, the restart, the dead letter, and bytes both ways.");
    }

    private sealed class Fragile : RpcEndpoint
    {
        public override void Receive(object message) => throw new InvalidOperationException("fails");

        public override void ReceiveAndReply(object message, RpcCallContext call)
        {
            if (message is int number) call.Reply(number);
        }

        public override ErrorDirective OnError(Exception error) => ErrorDirective.Restart;
    }
}
