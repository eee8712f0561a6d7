using Sparkish.Membership;
using Sparkish.Membership.Nodes;
using Sparkish.Rpc;
using Sparkish.Simulation;

namespace Sparkish.Tests.Membership;

/// <summary>The contract with SWIM, and what only SWIM has.</summary>
internal sealed class MembershipTests : SimulatedMembershipContract
{
    protected override IMembershipProvider? NewProvider() => null;

    protected override void Lose(SimulatedNode node) => node.Crash();

    [Test]
    public void Leaving_ends_when_it_was_heard_and_after_a_second_if_nobody_hears()
    {
        var start = Cluster.Now;
        Cluster.Run(() => Group[3].LeaveAsync());
        var heard = Cluster.Now - start;
        Cluster.Isolate(Group.Nodes[4]);
        start = Cluster.Now;
        Cluster.Run(() => Group[4].LeaveAsync());

        Assert.That(heard, Is.LessThan(TimeSpan.FromSeconds(0.5)));
        Assert.That(Cluster.Now - start, Is.EqualTo(TimeSpan.FromSeconds(1)).Within(TimeSpan.FromMilliseconds(10)));
    }

    [Test]
    public void A_node_that_nobody_answers_has_not_joined_and_keeps_asking()
    {
        Group.Nodes[0].Crash();
        Group.Nodes[1].Crash();
        var late = Cluster.AddNode(
            "n100", node => Group.Join(node, node.EnvFactory.Create(new RpcEnvOptions("n100", Cluster.Options.Conf, Cluster.Options.Messages))));
        var joined = Group[late].JoinedAsync();
        Cluster.RunFor(TimeSpan.FromSeconds(20));
        Assert.That(joined.IsCompleted, Is.False);

        Group.Nodes[1].Start();
        Cluster.Run(() => joined);

        Assert.That(Group[late].Current.Members, Has.Count.GreaterThan(1));
    }

    [Test]
    public void A_seed_need_not_wait_for_others_to_have_joined() => Assert.That(Group[0].JoinedAsync().IsCompletedSuccessfully);

    [Test]
    public void Waiting_to_have_joined_ends_with_the_env()
    {
        Cluster.Isolate(Group.Nodes[3]);
        Group.Nodes[3].Crash();
        Group.Nodes[3].Start();
        var joined = Group[3].JoinedAsync();

        Cluster.Run(() => Group.Nodes[3].Env.DisposeAsync().AsTask());

        Assert.That(joined.IsFaulted, Is.True);
        Assert.That(joined.Exception!.InnerException!.Message, Is.EqualTo("RpcEnv 'n003' left the group before another node answered."));
    }

    [Test]
    public void Nonsense_from_a_peer_is_refused_and_changes_nothing()
    {
        var before = Group[1].Current;
        var member = before.Self with { Address = new RpcAddress("stranger", 1) };
        var target = Group.Nodes[0].Env.RefTo(new RpcEndpointAddress(SimulatedGroup.AddressOf(Group.Nodes[1]), ClusterMembership.EndpointName));
        var from = SimulatedGroup.AddressOf(Group.Nodes[0]);
        MemberRumor[] nonsense =
        [
            null!, new(null!, 1, MemberStatus.Up, from), new(member, long.MaxValue, MemberStatus.Up, from), new(member, -1, MemberStatus.Up, from),
            new(member, 1, (MemberStatus)9, from), new(member, 1, MemberStatus.Up, default), new(member, 1, MemberStatus.Up, from, null!),
            new(member with { Address = new RpcAddress("", 7077) }, 1, MemberStatus.Up, from), new(member with { Roles = null! }, 1, MemberStatus.Up, from),
            new(member with { Name = new string('n', 10_000) }, 1, MemberStatus.Up, from),
        ];

        foreach (var rumor in nonsense) target.Send(new FullState(from, IsAnswer: true, [rumor]));
        target.Send(new FullState(from, IsAnswer: true, default));
        target.Send(new Digest(new RpcAddress("nobody", 0), 1));
        target.Send(new PingRequest(from, 1, default, []));
        Cluster.RunFor(TimeSpan.FromSeconds(5));

        Assert.That(Group[1].Current, Is.EqualTo(before));
        Assert.That(Group.AllAgree());
    }
}
