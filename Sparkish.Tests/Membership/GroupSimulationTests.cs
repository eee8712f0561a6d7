using Sparkish.Membership;
using Sparkish.Simulation;

namespace Sparkish.Tests.Membership;

/// <summary>The whole protocol, by the real endpoints, on simulated nodes with faults.</summary>
[TestFixture(10)]
[TestFixture(100, Category = LongAttribute.Category)]
internal sealed class GroupSimulationTests(int seeds)
{
    [Test]
    public void Nodes_that_join_by_seeds_see_each_other() => ForSeeds(20, (cluster, group) =>
    {
        foreach (var node in group.Nodes) Assert.That(group[node].Current.Members, Has.Count.EqualTo(20));
        Assert.That(group.Downs, Is.Empty);
    });

    [Test]
    public void A_killed_process_is_noticed_by_its_closed_connections() => ForSeeds(8, (cluster, group) =>
    {
        group.Nodes[5].Crash();

        group.RunUntilRemoved(group.Nodes[5], TimeSpan.FromSeconds(1.5));

        var down = group.Downs.First(told => told.Node == group.Nodes[0]).Change as MemberDown;
        Assert.That(down!.Reason, Does.Contain("refuses connections"));
        Assert.That(group.Downs.Select(told => told.Change.Member.Address).Distinct(), Is.EqualTo(new[] { SimulatedGroup.AddressOf(group.Nodes[5]) }));
    });

    [Test]
    public void A_lost_machine_is_noticed_by_its_silence() => ForSeeds(8, (cluster, group) =>
    {
        group.Nodes[5].LoseMachine();

        group.RunUntilRemoved(group.Nodes[5], TimeSpan.FromSeconds(15));

        var down = group.Downs.First().Change as MemberDown;
        Assert.That(down!.Reason, Does.Contain("no answer"));
        Assert.That(group.Downs.Select(told => told.Change.Member.Address).Distinct(), Is.EqualTo(new[] { SimulatedGroup.AddressOf(group.Nodes[5]) }));
    });

    [Test]
    public void A_machine_that_was_cut_off_removes_no_other_when_it_returns([Values(9, 20)] int seconds) => ForSeeds(10, (cluster, group) =>
    {
        var away = group.Nodes[2];
        cluster.Isolate([away]);
        cluster.RunFor(TimeSpan.FromSeconds(seconds));

        cluster.HealAll();
        cluster.RunFor(TimeSpan.FromSeconds(30));

        Assert.That(group.AllAgree(), Is.True);
        Assert.That(group.Downs.Where(told => told.Node != away && told.Change.Member.Address != SimulatedGroup.AddressOf(away))
            .Select(told => $"{told.Node}: {told.Change}"), Is.Empty);
    });

    [Test]
    public void A_process_that_stands_still_for_three_seconds_is_not_removed() => ForSeeds(8, (cluster, group) =>
    {
        for (var i = 0; i < 8; i++)
        {
            group.Nodes[i].Pause();
            cluster.RunFor(TimeSpan.FromSeconds(3));
            group.Nodes[i].Resume();
            cluster.RunFor(TimeSpan.FromSeconds(5));
        }

        Assert.That(group.Downs.Select(told => $"{told.Node}: {told.Change}"), Is.Empty);
        group.RunUntilAllAgree();
    });

    [Test]
    public void A_process_that_stands_still_for_half_a_minute_is_removed_and_comes_up_again() => ForSeeds(8, (cluster, group) =>
    {
        var slow = group.Nodes[3];
        var life = group[slow].Current.Self;
        slow.Pause();
        group.RunUntilRemoved(slow, TimeSpan.FromSeconds(30));
        group.Told.Clear();

        slow.Resume();
        group.RunUntilAllAgree();

        Assert.That(group.Told.Where(told => told.Node == group.Nodes[0] && told.Change.Member == life)
            .Select(told => told.Change), Has.Some.InstanceOf<MemberUp>());
        Assert.That(group[slow].Current.Self, Is.EqualTo(life));
    });

    [Test]
    public void Both_sides_of_a_partition_find_each_other_again() => ForSeeds(8, (cluster, group) =>
    {
        cluster.Isolate(group.Nodes[..4]);
        cluster.RunUntil(() => group.Nodes.All(node => group[node].Current.Members.Count == 4), TimeSpan.FromMinutes(1));

        cluster.HealAll();

        group.RunUntilAllAgree(TimeSpan.FromMinutes(5));
    });

    [Test]
    public void A_link_that_is_cut_between_two_nodes_removes_neither() => ForSeeds(8, (cluster, group) =>
    {
        cluster.Cut(group.Nodes[2], group.Nodes[3]);
        cluster.RunFor(TimeSpan.FromSeconds(20));
        cluster.HealAll();
        cluster.CutOneWay(group.Nodes[4], group.Nodes[5]);
        cluster.RunFor(TimeSpan.FromSeconds(20));

        Assert.That(group.Downs.Select(told => $"{told.Node}: {told.Change}"), Is.Empty);
    });

    [Test]
    public void A_node_that_starts_again_at_its_address_is_another_member() => ForSeeds(8, (cluster, group) =>
    {
        var node = group.Nodes[6];
        var first = group[node].Current.Self;
        node.Crash();
        cluster.RunFor(TimeSpan.FromMilliseconds(cluster.NewRandom("pause").Next(3000)));

        node.Start();
        group.RunUntilAllAgree();

        var second = group[node].Current.Self;
        var seen = group.Told.Where(told => told.Node == group.Nodes[0] && told.Change is MemberUp or MemberDown).Select(told => told.Change).ToList();
        var end = seen.FindLastIndex(change => change is MemberDown && change.Member == first);
        var start = seen.FindIndex(change => change is MemberUp && change.Member == second);
        Assert.That((second.Address, second.Uid), Is.Not.EqualTo((first.Address, first.Uid)));
        Assert.That((end, start), Is.Not.EqualTo((-1, -1)));
        Assert.That(end, Is.LessThan(start), "The end of the first is told before the second comes.");
        Assert.That(group[0].Current.Members.Single(member => member.Address == second.Address).Metadata["start"], Is.EqualTo("2"));
    });

    [Test]
    public void Random_faults_leave_all_views_alike() => ForSeeds(8, (cluster, group) =>
    {
        using (cluster.StartChaos()) cluster.RunFor(TimeSpan.FromMinutes(1));

        group.RunUntilAllAgree(TimeSpan.FromMinutes(10));
    });

    private void ForSeeds(int size, Action<SimulatedCluster, SimulatedGroup> body) => SimulatedCluster.ForSeeds(RequestedSeeds.Or(seeds), cluster =>
    {
        var group = new SimulatedGroup(cluster, size);
        group.RunUntilAllAgree();
        body(cluster, group);
    }, SimulatedGroup.Options, nameof(GroupSimulationTests));
}
