using Sparkish.TestKit.NUnit;

namespace Sparkish.Tests.Membership;

internal sealed class SwimConvergenceTests
{
    [Test]
    public void After_crashes_restarts_partitions_stalls_and_loss_all_views_agree_with_the_truth() => Run(seeds: 15);

    /// <summary>Thousands of seeds are for a night: <c>SPARKISH_SEEDS=5000</c>.</summary>
    [Test, Long]
    public void Over_a_hundred_seeds_all_views_agree_with_the_truth() => Run(RequestedSeeds.Or(100));

    [Test]
    public void The_same_seed_gives_the_same_events_and_another_seed_others()
    {
        var first = SwimFaults.Run(7);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(SwimFaults.Run(7), Is.EqualTo(first));
            Assert.That(SwimFaults.Run(8), Is.Not.EqualTo(first));
        }
    }

    private static void Run(int seeds) => SimulatedSeeds.Run(seeds, cluster => SwimFaults.Run(cluster.Seed));
}
