using System.Collections.Concurrent;
using Sparkish.Benchmarks.Membership;
using Sparkish.Membership;

namespace Sparkish.Tests.Membership;

/// <summary>Nodes that were cut off and come back: the others, which always heard each other, hold none of themselves for dead.</summary>
internal sealed class SwimIsolationTests
{
    [Test]
    public void A_node_that_was_cut_off_removes_nobody_when_it_returns([Values(5, 10, 30)] int size, [Values(5, 9, 20, 60)] int seconds) =>
        AssertNobodyRemoved(size, cutOff: 1, TimeSpan.FromSeconds(seconds), RequestedSeeds.Or(8));

    [Test]
    public void A_minority_that_was_cut_off_removes_nobody_when_it_returns([Values(10, 30)] int size, [Values(6, 9, 20, 60)] int seconds) =>
        AssertNobodyRemoved(size, cutOff: size / 4, TimeSpan.FromSeconds(seconds), RequestedSeeds.Or(8));

    [Test, Long]
    public void Of_a_hundred_nodes_those_that_were_cut_off_remove_nobody_when_they_return([Values(1, 25)] int cutOff, [Values(6, 9, 20, 60)] int seconds) =>
        AssertNobodyRemoved(size: 100, cutOff, TimeSpan.FromSeconds(seconds), RequestedSeeds.Or(8));

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
