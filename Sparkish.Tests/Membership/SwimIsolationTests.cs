using System.Collections.Concurrent;
using System.Globalization;
using Sparkish.Benchmarks.Membership;
using Sparkish.Membership;

namespace Sparkish.Tests.Membership;

/// <summary>Nodes that were cut off and come back: the others, which always heard each other, hold none of themselves for dead.</summary>
internal sealed class SwimIsolationTests
{
    /// <summary>How many groups each build tries; <c>SPARKISH_SEEDS</c> gives another number.</summary>
    private static int Count => int.TryParse(Environment.GetEnvironmentVariable("SPARKISH_SEEDS"), CultureInfo.InvariantCulture, out var given) ? given : 5;

    [Test]
    public void A_node_that_was_cut_off_removes_nobody_when_it_returns([Values(5, 10, 30, 100)] int size, [Values(5, 9, 20, 60)] int seconds) =>
        AssertNobodyRemoved(size, cutOff: 1, TimeSpan.FromSeconds(seconds), size == 100 ? Count : 4 * Count);

    [Test]
    public void A_minority_that_was_cut_off_removes_nobody_when_it_returns([Values(10, 30, 100)] int size, [Values(6, 9, 20, 60)] int seconds) =>
        AssertNobodyRemoved(size, cutOff: size / 4, TimeSpan.FromSeconds(seconds), size == 100 ? Count : 4 * Count);

    private static void AssertNobodyRemoved(int size, int cutOff, TimeSpan duration, int seeds)
    {
        var wrong = new ConcurrentQueue<string>();
        Parallel.For(1, seeds + 1, seed =>
        {
            var group = new SwimGroup(size, seed);
            group.Run(TimeSpan.FromSeconds(3));
            var away = group.Nodes.Skip(2).Take(cutOff).ToHashSet();
            group.Observer = (seer, change) =>
            {
                if (change is not MemberDown down || away.Contains(seer) || away.Any(node => SwimGroup.Address(node.Index) == down.Member.Address)) return;
                wrong.Enqueue($"seed {seed}, {group.Now.TotalSeconds:0.0} s: {seer.Index} holds {down.Member} for dead: {down.Reason}");
            };
            foreach (var node in away)
            {
                foreach (var other in group.Nodes.Where(other => !away.Contains(other)))
                {
                    group.Cut(node, other);
                    group.Cut(other, node);
                }
            }

            group.Run(duration);
            group.Heal();
            if (!group.RunUntil(group.IsAgreed, TimeSpan.FromMinutes(1))) wrong.Enqueue($"seed {seed}: the views do not agree");
            group.Run(TimeSpan.FromSeconds(20));
        });
        Assert.That(wrong, Is.Empty, () => $"{wrong.Count} in all, the first: {wrong.First()}");
    }
}
