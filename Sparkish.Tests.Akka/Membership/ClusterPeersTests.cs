using Akka.Actor;
using Sparkish.Akka.Membership;
using Sparkish.Membership;
using Sparkish.Rpc;
using UniqueAddress = Akka.Cluster.UniqueAddress;

namespace Sparkish.Tests.Akka.Membership;

/// <summary>What becomes of the events of a cluster and of what its nodes say of their envs.</summary>
internal sealed class ClusterPeersTests
{
    private static readonly Member Self = MemberAt("self", 1);
    private static readonly Member Worker = MemberAt("worker", 2);
    private static readonly UniqueAddress Node = NodeAt(1, 10);

    private ClusterPeers _peers = null!;

    [SetUp]
    public void Start() => _peers = new ClusterPeers(Self, []);

    [TestCase(true)]
    [TestCase(false)]
    public void A_node_is_a_member_when_it_is_up_and_has_told_what_its_env_is(bool isUpFirst)
    {
        _peers.Joined(Node);

        var first = isUpFirst ? _peers.Up(Node) : _peers.Introduced(Node, 1, Worker);
        var second = isUpFirst ? _peers.Introduced(Node, 1, Worker) : _peers.Up(Node);

        Assert.That(first, Is.Empty);
        Assert.That(second, Is.EqualTo(new[] { new MemberUp(Worker) }));
        Assert.That(_peers.Members, Is.EqualTo(new[] { Worker }));
    }

    [Test]
    public void What_a_node_outside_of_the_cluster_says_is_not_taken()
    {
        Assert.That(_peers.Introduced(Node, 1, Worker), Is.Empty);

        Assert.That(_peers.Up(Node), Is.Empty);
    }

    [Test]
    public void A_node_that_misses_heartbeats_is_suspected_and_then_up_or_down()
    {
        Show(Node, Worker);

        Assert.That(_peers.Unreachable(Node).Single(), Is.InstanceOf<MemberSuspected>().With.Property("By").EqualTo(Self.Address));
        Assert.That(_peers.Reachable(Node), Is.EqualTo(new[] { new MemberUp(Worker) }));
        _peers.Unreachable(Node);
        Assert.That(_peers.Downed(Node).Single(), Is.InstanceOf<MemberDown>().With.Property("Member").EqualTo(Worker));
        Assert.That(_peers.Removed(Node, wasDown: true), Is.Empty, "it is told once");
    }

    [Test]
    public void A_node_that_is_unreachable_when_it_is_introduced_is_suspected_at_once()
    {
        _peers.Up(Node);
        _peers.Unreachable(Node);

        var told = _peers.Introduced(Node, 1, Worker);

        Assert.That(told.Select(static change => change.GetType()), Is.EqualTo(new[] { typeof(MemberUp), typeof(MemberSuspected) }));
    }

    [Test]
    public void A_node_leaves_by_its_farewell_or_by_the_cluster_and_only_once()
    {
        Show(Node, Worker);

        Assert.That(_peers.SaidFarewell(Node, 2), Is.EqualTo(new[] { new MemberLeft(Worker) }));
        Assert.That(_peers.Exited(Node), Is.Empty);
        Assert.That(_peers.Removed(Node, wasDown: false), Is.Empty);
    }

    [Test]
    public void What_is_late_is_not_taken()
    {
        Show(Node, Worker, sequence: 5);

        Assert.That(_peers.Introduced(Node, 4, Worker with { Name = "old" }), Is.Empty);
        Assert.That(_peers.SaidFarewell(Node, 5), Is.Empty);
        _peers.Downed(Node);
        Assert.That(_peers.Introduced(Node, 6, Worker), Is.Empty, "the cluster has given it up for good");
    }

    [Test]
    public void An_env_whose_node_stays_can_come_back_after_its_farewell()
    {
        Show(Node, Worker);
        _peers.SaidFarewell(Node, 2);

        Assert.That(_peers.Introduced(Node, 3, Worker), Is.EqualTo(new[] { new MemberUp(Worker) }));
    }

    [Test]
    public void The_end_of_a_node_s_first_life_is_not_that_of_its_env_which_is_there_again()
    {
        var second = NodeAt(1, 11);
        Show(Node, Worker);
        _peers.Unreachable(Node);

        Assert.That(Show(second, Worker), Is.EqualTo(new[] { new MemberUp(Worker) }));

        Assert.That(_peers.Downed(Node), Is.Empty);
        Assert.That(_peers.Removed(Node, wasDown: true), Is.Empty);
        Assert.That(_peers.Members, Is.EqualTo(new[] { Worker }));
    }

    [Test]
    public void Members_of_the_cluster_before_come_up_in_time_or_are_given_up()
    {
        var (found, lost) = (Worker, MemberAt("lost", 3));
        _peers = new ClusterPeers(Self, [found, lost]);
        Show(Node, found);
        Assert.That(_peers.Members, Is.EquivalentTo(new[] { found, lost }));

        Assert.That(_peers.GiveUp().Single(), Is.InstanceOf<MemberDown>().With.Property("Member").EqualTo(lost));
        Assert.That(_peers.GiveUp(), Is.Empty);
    }

    private IReadOnlyList<MemberEvent> Show(UniqueAddress node, Member member, long sequence = 1)
    {
        _peers.Up(node);
        return _peers.Introduced(node, sequence, member);
    }

    private static UniqueAddress NodeAt(int port, int uid) => new(new Address("akka.tcp", "sparkish-cluster", "host", port), uid);

    private static Member MemberAt(string name, int port) =>
        new(new RpcAddress("host", port), port, name, [], new Dictionary<string, string>(StringComparer.Ordinal));
}
