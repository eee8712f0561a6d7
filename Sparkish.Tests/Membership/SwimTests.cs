using Sparkish.Benchmarks.Membership;
using Sparkish.Membership;

namespace Sparkish.Tests.Membership;

/// <summary>What groups promise with the defaults.</summary>
[TestFixture(5)]
[TestFixture(20, Category = LongAttribute.Category)]
internal sealed class SwimTests(int usualCount)
{
    private const int Size = 100;

    /// <summary>How many groups each build tries; <c>SPARKISH_SEEDS</c> gives another number.</summary>
    private int Count => RequestedSeeds.Or(usualCount);

    [Test]
    public void Nodes_that_join_by_one_know_each_other([Values(2, 20, 200)] int size)
    {
        var group = new SwimGroup(size, seed: 1, joined: false);

        Assert.That(group.RunUntil(group.IsAgreed, TimeSpan.FromSeconds(30)), Is.True);
    }

    [Test]
    public void A_killed_process_is_known_to_all_within_half_a_second([Values(2, 3, 20, Size)] int size)
    {
        var found = MembershipTrials.InManyGroups(size, 10 * Count, static node => node.Kill(), CancellationToken.None);

        Assert.That(found.Max(static trial => trial.All), Is.LessThan(0.5));
    }

    [Test]
    public void A_silent_machine_is_known_to_all_within_five_seconds_and_costs_five_messages_a_second([Values(2, 3, 20, Size)] int size)
    {
        var found = MembershipTrials.InManyGroups(size, 10 * Count, static node => node.Lose(), CancellationToken.None);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.Max(static trial => trial.All), Is.LessThan(5));
            Assert.That(found.Average(static trial => trial.Messages), Is.LessThan(5));
        }
    }

    [Test]
    public void Two_machines_that_are_lost_together_are_known_within_six_seconds()
    {
        for (var seed = 1; seed <= 2 * Count; seed++)
        {
            var group = new SwimGroup(Size, seed);
            group.Run(TimeSpan.FromSeconds(3));
            foreach (var node in group.Nodes.Skip(40).Take(2)) node.Lose();

            Assert.That(group.RunUntil(group.IsAgreed, TimeSpan.FromSeconds(6)), Is.True, $"seed {seed}");
        }
    }

    [Test]
    public void Half_of_a_group_that_is_lost_is_known_within_some_seconds()
    {
        var group = new SwimGroup(Size, seed: 4);
        group.Run(TimeSpan.FromSeconds(3));
        foreach (var node in group.Nodes.Where(static node => node.Index % 2 == 1)) node.Lose();

        Assert.That(group.RunUntil(group.IsAgreed, TimeSpan.FromSeconds(30)), Is.True,
            () => string.Join(" ", group.Running.Select(static node => node.State.View.Others)));
    }

    [Test]
    public void A_process_that_stands_still_for_three_seconds_is_not_removed()
    {
        var removed = MembershipTrials.WronglyRemoved(Size, Count, static group =>
        {
            foreach (var node in group.Nodes.Take(20))
            {
                node.Pause(TimeSpan.FromSeconds(3));
                group.Run(TimeSpan.FromSeconds(8));
            }
        }, CancellationToken.None);

        Assert.That(removed, Is.Zero);
    }

    [Test]
    public void Losing_a_tenth_of_all_messages_removes_nobody()
    {
        var removed = MembershipTrials.WronglyRemoved(Size, Count, static group =>
        {
            group.Loss = 0.1;
            group.Run(TimeSpan.FromMinutes(2));
        }, CancellationToken.None);

        Assert.That(removed, Is.Zero);
    }

    [Test]
    public void A_node_that_all_hold_for_dead_comes_up_again_when_it_wakes()
    {
        var group = new SwimGroup(Size, seed: 5);
        group.Run(TimeSpan.FromSeconds(3));
        var frozen = group.Nodes[7];
        var told = new List<Type>();
        group.Observer = (node, change) =>
        {
            if (node == frozen && change.Member.Equals(frozen.State.View.Self)) told.Add(change.GetType());
        };
        frozen.Pause(TimeSpan.FromSeconds(30));
        group.Run(TimeSpan.FromSeconds(20));
        var others = group.Nodes.Where(node => node != frozen).Select(static node => node.State.View.Others).Distinct().ToArray();

        Assert.That(group.RunUntil(group.IsAgreed, TimeSpan.FromSeconds(20)), Is.True);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(others, Is.EqualTo(new[] { Size - 2 }));
            Assert.That(told, Is.EqualTo(new[] { typeof(MemberDown), typeof(MemberUp) }), "it is told that it was held for dead");
        }
    }

    [Test]
    public void Who_leaves_is_seen_to_leave_by_all_and_held_for_dead_by_nobody()
    {
        var group = new SwimGroup(Size, seed: 6);
        group.Run(TimeSpan.FromSeconds(3));
        var seen = new List<MemberEvent>();
        group.Observer = (node, change) =>
        {
            if (node.Index != 7) seen.Add(change);
        };

        group.Nodes[7].Leave();
        group.Run(TimeSpan.FromSeconds(10));

        Assert.That(seen.Select(static change => change.GetType()), Is.EqualTo(Enumerable.Repeat(typeof(MemberLeft), Size - 1)));
    }
}
