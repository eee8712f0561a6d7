using Sparkish.Membership;
using Sparkish.Membership.Nodes;
using Sparkish.Rpc;
using Sparkish.Simulation;
using Sparkish.TestKit;

namespace Sparkish.Tests.Membership;

/// <summary>
/// What a user of membership has in hand, whichever provider is behind it, on simulated nodes. A fixture for a provider derives from it, and says how the
/// provider comes to know
/// that a node is lost.
/// </summary>
internal abstract class MembershipContract
{
    /// <summary>Makes the provider of the group's nodes; null for the one that the settings name.</summary>
    protected abstract IMembershipProvider? NewProvider();

    /// <summary>Kills a node, so that the provider suspects it and then takes it for dead.</summary>
    protected abstract void Lose(SimulatedNode node);

    protected SimulatedCluster Cluster { get; private set; } = null!;

    protected SimulatedGroup Group { get; private set; } = null!;

    [SetUp]
    public void FiveMembers()
    {
        Cluster = new SimulatedCluster(1, SimulatedGroup.Options);
        Group = new SimulatedGroup(Cluster, 5, NewProvider());
        Group.RunUntilAllAgree();
    }

    [Test]
    public void Who_leaves_is_told_of_as_such_and_not_as_dead()
    {
        var gone = Group[3].Current.Self;

        Cluster.Run(() => Group[3].LeaveAsync());
        Group.RunUntilRemoved(Group.Nodes[3], TimeSpan.FromSeconds(5));

        Assert.That(ToldOf(gone, since: 0).Select(told => told.Node).Distinct(), Is.EquivalentTo(Group.Nodes));
        Assert.That(ToldOf(gone, since: 0).Select(told => told.Change), Has.All.InstanceOf<MemberLeft>().Or.InstanceOf<MemberUp>());
    }

    [Test]
    public void Leaving_twice_is_harmless_and_who_has_left_can_join_again()
    {
        var env = Group.Nodes[3].Env;
        Cluster.Run(async () =>
        {
            await Group[3].LeaveAsync();
            await Group[3].LeaveAsync();
        });
        Group.RunUntilRemoved(Group.Nodes[3], TimeSpan.FromSeconds(5));

        Group.Join(Group.Nodes[3], env);

        Group.RunUntilAllAgree();
    }

    [Test]
    public void An_env_that_stops_has_left()
    {
        var gone = Group[3].Current.Self;

        Cluster.Run(() => Group.Nodes[3].Env.DisposeAsync().AsTask());
        Cluster.RunUntil(() => Group[0].Current.Members.Count == 4 && Group[1].Current.Members.Count == 4, TimeSpan.FromSeconds(5));
        Cluster.RunFor(TimeSpan.FromSeconds(1));

        Assert.That(ToldOf(gone, since: 0).Where(told => told.Node != Group.Nodes[3])
            .Select(told => told.Change), Has.Exactly(4).InstanceOf<MemberLeft>().And.None.InstanceOf<MemberDown>());
    }

    [Test]
    public void New_metadata_reaches_all_as_a_member_that_is_up()
    {
        var heard = Group.Told.Count;

        Cluster.Run(() => Group[2].UpdateAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["application"] = "app-7" }));
        Cluster.RunUntil(() => Group.Nodes.All(node => Group[node].Current.Members[2].Metadata.ContainsKey("application")), TimeSpan.FromSeconds(10));
        Cluster.RunFor(TimeSpan.FromSeconds(1));

        var told = ToldOf(Group[2].Current.Self, heard).ToList();
        Assert.That(told.Select(pair => pair.Node), Is.EquivalentTo(Group.Nodes));
        Assert.That(told.Select(pair => (pair.Change as MemberUp)?.Member.Metadata["application"]), Has.All.EqualTo("app-7"));
        Assert.That(Group[0].Current.Members[2].Roles, Is.EqualTo(new[] { "worker" }));
    }

    [Test]
    public void A_subscriber_gets_the_group_and_then_each_change_of_it() => Cluster.Run(async () =>
    {
        var probe = TestProbe.On(Group.Nodes[0].Env);
        Group[0].Subscribe(probe.Self);
        Group[0].Subscribe(probe.Self);

        var snapshot = await probe.ExpectAsync<MembershipSnapshot>();
        Lose(Group.Nodes[4]);

        var suspected = await probe.ExpectAsync<MemberSuspected>();
        var down = await probe.ExpectAsync<MemberDown>();
        Assert.That(snapshot.Members.Select(member => member.Address), Is.EqualTo(Group.Nodes.Select(SimulatedGroup.AddressOf)));
        Assert.That((suspected.Version, down.Version), Is.EqualTo((snapshot.Version + 1, snapshot.Version + 2)));
        Assert.That((suspected.Member, down.Member), Is.EqualTo((snapshot.Members[4], snapshot.Members[4])));
        Assert.That(Group[0].Current.Version, Is.EqualTo(down.Version));
    });

    [Test]
    public void Who_has_unsubscribed_is_told_no_more() => Cluster.Run(async () =>
    {
        var probe = TestProbe.On(Group.Nodes[0].Env);
        Group[0].Subscribe(probe.Self);
        await probe.ExpectAsync<MembershipSnapshot>();

        Group[0].Unsubscribe(probe.Self);
        Lose(Group.Nodes[4]);

        await probe.ExpectNoneAsync(TimeSpan.FromSeconds(10));
        Assert.That(Group[0].Current.Members, Has.Count.EqualTo(4));
    });

    [Test]
    public void An_endpoint_of_another_env_cannot_subscribe()
    {
        var elsewhere = TestProbe.On(Group.Nodes[1].Env).Self;

        Assert.That(() => Group[0].Subscribe(elsewhere), Throws.ArgumentException.With.Message.Contains("subscribe it in its own env"));
    }

    [Test]
    public void An_env_joins_once()
    {
        Assert.That(() => ClusterMembership.Join(Group.Nodes[0].Env), Throws.InvalidOperationException.With.Message.Contains("is a member already"));
    }

    [Test]
    public void An_env_that_does_not_listen_cannot_join()
    {
        RpcEnv? client = null;
        Cluster.AddNode("c",
            node => client = node.EnvFactory.Create(new RpcEnvOptions("c", Cluster.Options.Conf, Cluster.Options.Messages) { Listen = false }));

        Assert.That(() => ClusterMembership.Join(client!), Throws.TypeOf<SparkException>().With.Message.Contains("create it with Listen = true"));
    }

    [Test]
    public void Too_much_metadata_is_refused()
    {
        var much = new Dictionary<string, string>(StringComparer.Ordinal) { ["x"] = new('x', 5000) };

        Assert.That(() => Cluster.Run(() => Group[0].UpdateAsync(much)), Throws.InnerException.TypeOf<SparkException>()
            .With.InnerException.Message.Contains("5007 characters but may have 4096"));
    }

    [Test]
    public void A_node_that_starts_again_is_told_of_after_the_end_of_its_predecessor()
    {
        var first = Group[4].Current.Self;

        Group.Nodes[4].Crash();
        Group.Nodes[4].Start();
        Group.RunUntilAllAgree();

        var second = Group[4].Current.Self;
        var told = Group.Told.Where(told => told.Node == Group.Nodes[0] && told.Change is MemberUp or MemberDown).Select(told => told.Change).ToList();
        Assert.That(second.Uid, Is.Not.EqualTo(first.Uid));
        Assert.That(told.FindLastIndex(change => change.Member == first), Is.EqualTo(told.FindIndex(change => change.Member == second) - 1));
        Assert.That(told.FindLast(change => change.Member == first), Is.InstanceOf<MemberDown>());
    }

    [Test]
    public void After_the_end_nothing_is_told_and_what_is_asked_says_why()
    {
        var probe = TestProbe.On(Group.Nodes[3].Env);
        var membership = Group[3];
        Cluster.Run(() => membership.LeaveAsync());

        membership.Subscribe(probe.Self);
        membership.Unsubscribe(probe.Self);

        Cluster.Run(() => probe.ExpectNoneAsync(TimeSpan.FromSeconds(10)));
        Assert.That(membership.Current.Members, Does.Not.Contain(membership.Current.Self));
        Assert.That(() => Cluster.Run(() => membership.UpdateAsync(new Dictionary<string, string>(StringComparer.Ordinal))),
            Throws.InnerException.TypeOf<SparkException>().With.InnerException.Message.Contains("has left the group: join again"));
    }

    protected IEnumerable<(SimulatedNode Node, MemberEvent Change)> ToldOf(Member member, int since) =>
        Group.Told.Skip(since).Where(told => told.Change.Member == member);
}
