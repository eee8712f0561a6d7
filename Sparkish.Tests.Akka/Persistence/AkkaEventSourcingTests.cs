using Sparkish.Persistence;
using Sparkish.Persistence.EventSourcing;
using Sparkish.Rpc;

namespace Sparkish.Tests.Akka.Persistence;

/// <summary>An event-sourced endpoint over journals in Akka.Persistence, on both envs.</summary>
internal sealed class AkkaEventSourcingTests
{
    [Test]
    public async Task An_endpoint_goes_on_where_it_was_with_its_snapshots_and_events([Values("network", "akka")] string factory)
    {
        using var directory = new TemporaryDirectory();
        for (var start = 0; start < 3; start++)
        {
            await using var store = AkkaJournals.Open(AkkaJournals.Sqlite, AkkaJournals.SqliteUrl(directory));
            await using var env = RpcEnv.Create(AkkaEnvs.Options("bank", new SparkConf(false).Set("spark.rpc.factory", factory)));
            var till = env.SetupEndpoint("till", () => new Till(store));

            Assert.That(await till.AskAsync<long>("total"), Is.EqualTo(start * 25L));
            for (var i = 1; i <= 25; i++) Assert.That(await till.AskAsync<long>(1L), Is.EqualTo((start * 25L) + i));
        }
    }

    [Test]
    public async Task An_endpoint_that_another_one_replaced_stops_as_stale()
    {
        using var directory = new TemporaryDirectory();
        await using var store = AkkaJournals.Open(AkkaJournals.Sqlite, AkkaJournals.SqliteUrl(directory));
        await using var other = AkkaJournals.Open(AkkaJournals.Sqlite, AkkaJournals.SqliteUrl(directory));
        await using var env = RpcEnv.Create(AkkaEnvs.Options("bank"));
        var till = env.SetupEndpoint("till", () => new Till(store));
        await till.AskAsync<long>(1L);
        await using var taken = await other.OpenAsync("till");

        Assert.That(async () => await till.AskAsync<long>(1L), Throws.InstanceOf<SparkException>().With.Message.Contains("This leader must stop"));
        Assert.That(taken.LastSequence, Is.EqualTo(1));
    }

    private sealed record Paid(long Amount);

    private sealed class Till(IJournalStore store) : EventSourcedEndpoint<long, Paid>(new(store, "till", Events) { SnapshotEvery = 10 })
    {
        private static readonly EventSchema<Paid> Events = new EventSchema<Paid>().Add<Paid>(1);

        protected override long InitialState => 0;

        protected override long Apply(long state, Paid @event) => state + @event.Amount;

        protected override Effect<long, Paid> HandleAndReply(long state, object command, RpcCallContext call) => command switch
        {
            long amount => Persist(new Paid(amount)).ThenReply(call, static after => after),
            "total" => None.ThenReply(call, static now => now),
            _ => base.HandleAndReply(state, command, call),
        };
    }
}
