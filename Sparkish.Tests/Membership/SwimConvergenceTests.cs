using System.Globalization;
using Sparkish.TestKit.NUnit;

namespace Sparkish.Tests.Membership;

internal sealed class SwimConvergenceTests
{
    /// <summary>How many seeds each build runs; thousands are for a night: <c>SPARKISH_SEEDS=5000</c>.</summary>
    private static int Count => int.TryParse(Environment.GetEnvironmentVariable("SPARKISH_SEEDS"), CultureInfo.InvariantCulture, out var given) ? given : 100;

    [Test]
    public void After_crashes_restarts_partitions_stalls_and_loss_all_views_agree_with_the_truth() =>
        SimulatedSeeds.Run(Count, cluster => SwimFaults.Run(cluster.Seed));

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
}
