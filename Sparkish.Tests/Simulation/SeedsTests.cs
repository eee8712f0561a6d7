using Sparkish.Simulation;
using Sparkish.TestKit.NUnit;

namespace Sparkish.Tests.Simulation;

internal sealed class SeedsTests
{
    /// <summary>How many seeds each build runs; ten thousand are for a night: <c>SPARKISH_SEEDS=10000</c>.</summary>
    private static int Count => RequestedSeeds.Or(1000);

    [Test]
    public void A_protocol_that_keeps_a_journal_counts_exactly_once_whatever_fails() =>
        SimulatedSeeds.Run(Count, cluster => CounterProtocol.Run(cluster), CounterProtocol.Options);

    [Test]
    public void A_protocol_that_forgets_what_it_has_counted_is_caught_and_its_seed_repeats_the_failure()
    {
        var found = Assert.Throws<SimulationException>(
            () => SimulatedCluster.ForSeeds(200, cluster => CounterProtocol.Run(cluster, isBuggy: true), CounterProtocol.Options, "Name~buggy"));

        var again = Assert.Throws<SimulationException>(() => CounterProtocol.Run(new SimulatedCluster(found!.Seed, CounterProtocol.Options), isBuggy: true));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(found!.Message, Does.Contain($"SPARKISH_SEED={found.Seed} dotnet test --filter Name~buggy").And.Contain("was counted 2 times"));
            Assert.That((again!.Seed, again.TraceHash, again.InnerException!.Message),
                Is.EqualTo((found.Seed, found.TraceHash, found.InnerException!.Message)));
        }
    }

    [Test]
    public void The_same_seed_gives_the_same_trace_on_every_thread_and_another_seed_another()
    {
        var here = HashOf(7);
        var elsewhere = new ulong[4];
        var threads = Enumerable.Range(0, elsewhere.Length).Select(i => new Thread(() =>
        {
            for (var seed = 0; seed < i; seed++) HashOf(seed + 100); // pools and static tables are in another state then
            elsewhere[i] = HashOf(7);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        using (Assert.EnterMultipleScope())
        {
            Assert.That(elsewhere, Is.All.EqualTo(here));
            Assert.That(HashOf(8), Is.Not.EqualTo(here));
        }
    }

    private static ulong HashOf(long seed)
    {
        var cluster = new SimulatedCluster(seed, CounterProtocol.Options);
        CounterProtocol.Run(cluster);
        TestContext.Progress.WriteLine($"seed {seed}: {cluster.Steps} events, trace {cluster.TraceHash:x16}");
        return cluster.TraceHash;
    }
}
