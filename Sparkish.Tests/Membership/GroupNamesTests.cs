using Sparkish.Benchmarks.Membership;
using Sparkish.Membership;
using Sparkish.Membership.Nodes;
using Sparkish.Membership.Protocol;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.Serialization.Messages;
using Sparkish.Simulation;
using Sparkish.Tests.Recovery;
using static Sparkish.Tests.Membership.SwimScene;

namespace Sparkish.Tests.Membership;

/// <summary>Groups stay apart, and each address belongs to one process.</summary>
internal sealed class GroupNamesTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly List<RpcEnv> _envs = [];

    [TearDown]
    public async Task StopEnvs()
    {
        foreach (var env in _envs) await env.DisposeAsync();
        _envs.Clear();
    }

    [Test]
    public void Messages_of_another_group_are_not_meant_for_a_node()
    {
        var scene = new SwimScene(others: 3, new SwimOptions { Cluster = "a" });
        var ping = new Ping(Address(2), 1, []);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(scene.Node.IsMeant(ping with { Label = new GroupLabel("a", 0) }), Is.True);
            Assert.That(scene.Node.IsMeant(ping with { Label = new GroupLabel("b", 0) }), Is.False);
            Assert.That(scene.Node.IsMeant(ping), Is.False, "a group without a name is another one");
        }
    }

    [Test]
    public void Messages_for_another_process_at_the_address_are_taken_from_known_members_only()
    {
        var scene = new SwimScene(others: 3);
        var (known, unknown) = (new Ping(Address(2), 1, []), new Ping(Address(50), 1, []));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(scene.Node.IsMeant(known with { Label = new GroupLabel("", 77) }), Is.True);
            Assert.That(scene.Node.IsMeant(unknown with { Label = new GroupLabel("", 77) }), Is.False);
            Assert.That(scene.Node.IsMeant(unknown with { Label = new GroupLabel("", 1) }), Is.True);
        }
    }

    [Test]
    public void A_member_is_called_by_its_incarnation_and_a_seed_by_its_address()
    {
        var scene = new SwimScene(others: 3, new SwimOptions { Cluster = "a" });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(scene.Node.LabelFor(Address(2)), Is.EqualTo(new GroupLabel("a", 1)));
            Assert.That(scene.Node.LabelFor(Address(1)), Is.EqualTo(new GroupLabel("a", 0)), "a seed");
            Assert.That(scene.Node.LabelFor(Address(50)), Is.EqualTo(new GroupLabel("a", 0)));
        }
    }

    [TestCase("a", "b")]
    [TestCase("", "")]
    public void Groups_stay_apart_when_one_uses_an_address_that_the_other_has_left(string first, string second)
    {
        var cluster = new SimulatedCluster(1, SimulatedGroup.Options);
        var memberships = new Dictionary<SimulatedNode, ClusterMembership>();
        var nodes = "a1 a2 b1 b2 b3".Split(' ').Select(name => cluster.AddNode(name, node => memberships[node] = Join(node))).ToList();
        cluster.RunFor(TimeSpan.FromSeconds(20));
        nodes[4].Crash();
        cluster.RunFor(TimeSpan.FromSeconds(20));

        nodes[4].Start();
        cluster.RunFor(TimeSpan.FromMinutes(3));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(Seen(nodes[0]), Is.EqualTo("a1 a2 b3"));
            Assert.That(Seen(nodes[4]), Is.EqualTo("a1 a2 b3"), "it belongs to the other group now");
            Assert.That(Seen(nodes[2]), Is.EqualTo("b1 b2"));
        }

        ClusterMembership Join(SimulatedNode node)
        {
            var isFirst = node.Name[0] == 'a' || node.Starts > 1;
            var conf = new SparkConf(false).Set("spark.membership.cluster", isFirst ? first : second);
            var env = node.EnvFactory.Create(new RpcEnvOptions(node.Name, conf, cluster.Options.Messages) { LoggerFactory = cluster.Options.LoggerFactory });
            return ClusterMembership.Join(env, new MembershipOptions { Seeds = [new RpcAddress(isFirst ? "a1" : "b1", SimulatedNode.FirstPort)] });
        }

        string Seen(SimulatedNode node) => string.Join(' ', memberships[node].Current.Members.Select(member => member.Name));
    }

    [Test]
    public async Task A_seed_of_another_group_is_named_on_both_sides_and_does_not_let_a_node_in()
    {
        var (logOfSeed, logOfNode) = (new RecordingLog(), new RecordingLog());
        var seed = Join("seed", "one", logOfSeed, []);
        var node = Join("node", "two", logOfNode, [seed.Env.Address]);

        await Task.WhenAll(
            logOfSeed.WhenLoggedAsync($"Refused membership messages from {node.Env.Address}: it belongs to group 'two', this node to 'one'"),
            logOfNode.WhenLoggedAsync($"Refused membership messages from {seed.Env.Address}: it belongs to group 'one', this node to 'two'")).WaitAsync(Patience);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(node.JoinedAsync().IsCompleted, Is.False);
            Assert.That(seed.Current.Members, Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task A_seed_that_is_the_node_itself_by_another_name_is_recognised()
    {
        var env = NewEnv("first", new SparkConf(false), new RecordingLog());
        var membership = ClusterMembership.Join(env, new MembershipOptions { Seeds = [new RpcAddress("localhost", env.Address.Port)] });

        await membership.JoinedAsync().WaitAsync(Patience);

        Assert.That(membership.Current.Members, Is.EqualTo(new[] { membership.Current.Self }));
    }

    [Test]
    public void Of_two_processes_that_claim_one_address_one_yields_after_a_few_words()
    {
        var scene = new SwimScene(others: 5);

        for (var word = 0; word < 4; word++) scene.Hear(Rumor(0, MemberStatus.Up, scene.Node.View.Incarnation, uid: 9));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(scene.Events.Single(), Is.InstanceOf<MemberDown>().With.Property("Member").EqualTo(MemberOf(0)));
            Assert.That(((MemberDown)scene.Events.Single()).Reason, Does.Contain("another process, node 0, uses the address"));
            Assert.That(scene.Rivals, Is.EqualTo(new[] { MemberOf(0, uid: 9) }), "told once");
            Assert.That(scene.Node.HasLeft, Is.True);
        }
    }

    [Test]
    public void The_other_of_two_processes_that_claim_one_address_is_told_and_goes_on()
    {
        var scene = new SwimScene(others: 5);

        for (var word = 0; word < 6; word++) scene.Hear(Rumor(0, MemberStatus.Up, scene.Node.View.Incarnation, uid: 0));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(scene.Node.HasLeft, Is.False);
            Assert.That(scene.Rivals, Has.Count.EqualTo(1));
            Assert.That(scene.Node.View.Incarnation, Is.EqualTo(7));
        }
    }

    [Test]
    public void A_rolling_restart_of_ten_nodes_ends_with_views_that_agree_within_five_seconds([Range(1, 5)] int seed)
    {
        var group = new SwimGroup(10, seed);
        group.Run(TimeSpan.FromSeconds(3));
        foreach (var node in group.Nodes)
        {
            node.Leave();
            group.Run(TimeSpan.FromSeconds(1));
            node.Start();
            group.Run(TimeSpan.FromSeconds(1));
        }

        Assert.That(group.RunUntil(group.IsAgreed, TimeSpan.FromSeconds(4)), Is.True, () => string.Join("; ", group.Nodes.Select(node => node.State.View.Others)));
    }

    /// <summary>The limit that the documentation states: beyond what connections do, since these lose nothing.</summary>
    [Test]
    public void Loss_delay_and_reordering_together_remove_one_of_ten_nodes_in_twenty_minutes_at_most()
    {
        var removed = MembershipTrials.WronglyRemoved(10, 20, static group =>
        {
            group.Loss = 0.2;
            group.MaxLatency = TimeSpan.FromMilliseconds(200);
            foreach (var node in group.Nodes) node.Slowness = TimeSpan.FromMilliseconds(50); // 100 to 300 ms each way
            group.Run(TimeSpan.FromSeconds(60));
        }, CancellationToken.None);

        Assert.That(removed, Is.LessThanOrEqualTo(1));
    }

    private ClusterMembership Join(string name, string group, RecordingLog log, IReadOnlyList<RpcAddress> seeds) =>
        ClusterMembership.Join(NewEnv(name, new SparkConf(false).Set("spark.membership.cluster", group), log), new MembershipOptions { Seeds = seeds });

    private RpcEnv NewEnv(string name, SparkConf conf, RecordingLog log)
    {
        var env = new NetworkRpcEnvFactory().Create(new RpcEnvOptions(name, conf, new MessageRegistry()) { LoggerFactory = new OneLog(log) });
        _envs.Add(env);
        return env;
    }

    private sealed class OneLog(RecordingLog log) : Microsoft.Extensions.Logging.ILoggerFactory
    {
        public void AddProvider(Microsoft.Extensions.Logging.ILoggerProvider provider) => throw new NotSupportedException();

        public Microsoft.Extensions.Logging.ILogger CreateLogger(string categoryName) => log;

        public void Dispose()
        {
        }
    }
}
