using Sparkish.Benchmarks.Membership;
using Sparkish.Membership;

namespace Sparkish.Tests.Membership;

internal sealed class SwimTests
{
    [Test]
    public void Nodes_that_join_by_one_know_each_other()
    {
        var group = new SwimGroup(20, seed: 1, joined: false);

        Assert.That(group.RunUntil(() => group.Nodes.All(node => node.State.Others == 19), TimeSpan.FromSeconds(20)), Is.True);
    }

    [Test]
    public void A_killed_process_is_known_at_once([Values(2, 3, 20)] int size)
    {
        var group = new SwimGroup(size, seed: 2);
        group.Run(TimeSpan.FromSeconds(2));

        group.Nodes[1].Kill();

        Assert.That(group.RunUntil(() => Others(group, 1).All(node => node.State.Others == size - 2), TimeSpan.FromSeconds(0.5)), Is.True);
    }

    [Test]
    public void A_silent_machine_is_known_within_some_seconds()
    {
        var group = new SwimGroup(100, seed: 3);
        group.Run(TimeSpan.FromSeconds(2));
        var times = new List<double>();
        for (var i = 1; i <= 99; i++)
        {
            var lost = group.Nodes[i];
            var start = group.Now;
            lost.Lose();
            Assert.That(group.RunUntil(() => group.Nodes.Any(node => node.IsRunning && node.State.Members[lost.State.Self.Address].Status == MemberStatus.Down), TimeSpan.FromSeconds(20)), Is.True);
            times.Add((group.Now - start).TotalSeconds);
            lost.Start();
            Assert.That(group.RunUntil(() => group.Nodes.All(node => node.State.Others == 99), TimeSpan.FromSeconds(40)), Is.True, $"rejoin {i}");
        }

        times.Sort();
        TestContext.Out.WriteLine($"median {times[49]} p90 {times[89]} p95 {times[94]} max {times[^1]}");
    }

    [Test]
    public void A_process_that_stands_still_for_three_seconds_is_not_removed([Range(1, 20)] int seed)
    {
        var group = Watched(seed, out var downs);
        for (var i = 0; i < 20; i++)
        {
            group.Nodes[i].Pause(TimeSpan.FromSeconds(3));
            group.Run(TimeSpan.FromSeconds(8));
        }

        Assert.That(downs, Is.Empty);
    }

    [Test]
    public void Losing_a_tenth_of_all_messages_removes_nobody([Range(1, 20)] int seed)
    {
        var group = Watched(seed, out var downs);

        group.Loss = 0.1;
        group.Run(TimeSpan.FromMinutes(2));

        Assert.That(downs, Is.Empty);
    }

    private static SwimGroup Watched(int seed, out List<string> downs)
    {
        var group = new SwimGroup(100, seed);
        var seen = downs = [];
        group.Observer = (node, change) =>
        {
            if (change is MemberDown) seen.Add($"{group.Now} {node.Index}: {change}");
        };
        group.Run(TimeSpan.FromSeconds(2));
        return group;
    }

    private static IEnumerable<SwimNode> Others(SwimGroup group, int index) => group.Nodes.Where(node => node.Index != index);
}
