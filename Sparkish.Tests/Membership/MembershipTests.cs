using Sparkish.Membership;
using Sparkish.Membership.Nodes;
using Sparkish.Rpc;
using Sparkish.Simulation;
using Sparkish.TestKit;

namespace Sparkish.Tests.Membership;

/// <summary>What a user of membership has in hand, on simulated nodes.</summary>
internal sealed class MembershipTests
{
    private SimulatedCluster _cluster = null!;
    private SimulatedGroup _group = null!;

    [SetUp]
    public void FiveMembers()
    {
        _cluster = new SimulatedCluster(1, SimulatedGroup.Options);
        _group = new SimulatedGroup(_cluster, 5);
        _group.RunUntilAllAgree();
    }

    [Test]
    public void Who_leaves_is_told_of_as_such_and_not_as_dead()
    {
        var gone = _group[3].Current.Self;

        _cluster.Run(() => _group[3].LeaveAsync());
        _group.RunUntilRemoved(_group.Nodes[3], TimeSpan.FromSeconds(5));

        Assert.That(ToldOf(gone, since: 0).Select(told => told.Node).Distinct(), Is.EquivalentTo(_group.Nodes));
        Assert.That(ToldOf(gone, since: 0).Select(told => told.Change), Has.All.InstanceOf<MemberLeft>().Or.InstanceOf<MemberUp>());
    }

    [Test]
    public void Leaving_ends_when_it_was_heard_and_after_a_second_if_nobody_hears()
    {
        var start = _cluster.Now;
        _cluster.Run(() => _group[3].LeaveAsync());
        var heard = _cluster.Now - start;
        _cluster.Isolate(_group.Nodes[4]);
        start = _cluster.Now;
        _cluster.Run(() => _group[4].LeaveAsync());

        Assert.That(heard, Is.LessThan(TimeSpan.FromSeconds(0.5)));
        Assert.That(_cluster.Now - start, Is.EqualTo(TimeSpan.FromSeconds(1)).Within(TimeSpan.FromMilliseconds(10)));
    }

    [Test]
    public void Leaving_twice_is_harmless_and_who_has_left_can_join_again()
    {
        var env = _group.Nodes[3].Env;
        _cluster.Run(async () =>
        {
            await _group[3].LeaveAsync();
            await _group[3].LeaveAsync();
        });
        _group.RunUntilRemoved(_group.Nodes[3], TimeSpan.FromSeconds(5));

        _group.Join(_group.Nodes[3], env);

        _group.RunUntilAllAgree();
    }

    [Test]
    public void An_env_that_stops_has_left()
    {
        var gone = _group[3].Current.Self;

        _cluster.Run(() => _group.Nodes[3].Env.DisposeAsync().AsTask());
        _cluster.RunUntil(() => _group[0].Current.Members.Count == 4 && _group[1].Current.Members.Count == 4, TimeSpan.FromSeconds(5));
        _cluster.RunFor(TimeSpan.FromSeconds(1));

        Assert.That(ToldOf(gone, since: 0).Where(told => told.Node != _group.Nodes[3]).Select(told => told.Change), Has.Exactly(4).InstanceOf<MemberLeft>().And.None.InstanceOf<MemberDown>());
    }

    [Test]
    public void New_metadata_reaches_all_as_a_member_that_is_up()
    {
        var heard = _group.Told.Count;

        _cluster.Run(() => _group[2].UpdateAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["application"] = "app-7" }));
        _cluster.RunUntil(() => _group.Nodes.All(node => _group[node].Current.Members[2].Metadata.ContainsKey("application")), TimeSpan.FromSeconds(10));
        _cluster.RunFor(TimeSpan.FromSeconds(1));

        var told = ToldOf(_group[2].Current.Self, heard).ToList();
        Assert.That(told.Select(pair => pair.Node), Is.EquivalentTo(_group.Nodes));
        Assert.That(told.Select(pair => (pair.Change as MemberUp)?.Member.Metadata["application"]), Has.All.EqualTo("app-7"));
        Assert.That(_group[0].Current.Members[2].Roles, Is.EqualTo(new[] { "worker" }));
    }

    [Test]
    public void A_subscriber_gets_the_group_and_then_each_change_of_it() => _cluster.Run(async () =>
    {
        var probe = TestProbe.On(_group.Nodes[0].Env);
        _group[0].Subscribe(probe.Self);
        _group[0].Subscribe(probe.Self);

        var snapshot = await probe.ExpectAsync<MembershipSnapshot>();
        _group.Nodes[4].Crash();

        var suspected = await probe.ExpectAsync<MemberSuspected>();
        var down = await probe.ExpectAsync<MemberDown>();
        Assert.That(snapshot.Members.Select(member => member.Address), Is.EqualTo(_group.Nodes.Select(SimulatedGroup.AddressOf)));
        Assert.That((suspected.Version, down.Version), Is.EqualTo((snapshot.Version + 1, snapshot.Version + 2)));
        Assert.That((suspected.Member, down.Member), Is.EqualTo((snapshot.Members[4], snapshot.Members[4])));
        Assert.That(_group[0].Current.Version, Is.EqualTo(down.Version));
    });

    [Test]
    public void Who_has_unsubscribed_is_told_no_more() => _cluster.Run(async () =>
    {
        var probe = TestProbe.On(_group.Nodes[0].Env);
        _group[0].Subscribe(probe.Self);
        await probe.ExpectAsync<MembershipSnapshot>();

        _group[0].Unsubscribe(probe.Self);
        _group.Nodes[4].Crash();

        await probe.ExpectNoneAsync(TimeSpan.FromSeconds(10));
        Assert.That(_group[0].Current.Members, Has.Count.EqualTo(4));
    });

    [Test]
    public void An_endpoint_of_another_env_cannot_subscribe()
    {
        var elsewhere = TestProbe.On(_group.Nodes[1].Env).Self;

        Assert.That(() => _group[0].Subscribe(elsewhere), Throws.ArgumentException.With.Message.Contains("let it subscribe where it lives"));
    }

    [Test]
    public void A_node_that_nobody_answers_has_not_joined_and_keeps_asking()
    {
        _group.Nodes[0].Crash();
        _group.Nodes[1].Crash();
        var late = _cluster.AddNode("n100", node => _group.Join(node, node.EnvFactory.Create(new RpcEnvOptions("n100", _cluster.Options.Conf, _cluster.Options.Messages))));
        var joined = _group[late].JoinedAsync();
        _cluster.RunFor(TimeSpan.FromSeconds(20));
        Assert.That(joined.IsCompleted, Is.False);

        _group.Nodes[1].Start();
        _cluster.Run(() => joined);

        Assert.That(_group[late].Current.Members, Has.Count.GreaterThan(1));
    }

    [Test]
    public void A_seed_need_not_wait_for_others_to_have_joined() => Assert.That(_group[0].JoinedAsync().IsCompletedSuccessfully);

    [Test]
    public void Waiting_to_have_joined_ends_with_the_env()
    {
        _cluster.Isolate(_group.Nodes[3]);
        _group.Nodes[3].Crash();
        _group.Nodes[3].Start();
        var joined = _group[3].JoinedAsync();

        _cluster.Run(() => _group.Nodes[3].Env.DisposeAsync().AsTask());

        Assert.That(joined.IsFaulted, Is.True);
        Assert.That(joined.Exception!.InnerException!.Message, Is.EqualTo("RpcEnv 'n003' left the group before another node answered."));
    }

    [Test]
    public void An_env_joins_once()
    {
        Assert.That(() => ClusterMembership.Join(_group.Nodes[0].Env), Throws.InvalidOperationException.With.Message.Contains("is a member already"));
    }

    [Test]
    public void An_env_that_does_not_listen_cannot_join()
    {
        RpcEnv? client = null;
        _cluster.AddNode("c", node => client = node.EnvFactory.Create(new RpcEnvOptions("c", _cluster.Options.Conf, _cluster.Options.Messages) { Listen = false }));

        Assert.That(() => ClusterMembership.Join(client!), Throws.TypeOf<SparkException>().With.Message.Contains("make it with Listen = true"));
    }

    [Test]
    public void Too_much_metadata_is_refused()
    {
        var much = new Dictionary<string, string>(StringComparer.Ordinal) { ["x"] = new('x', 5000) };

        Assert.That(() => _cluster.Run(() => _group[0].UpdateAsync(much)), Throws.InnerException.TypeOf<SparkException>().With.InnerException.Message.Contains("5007 characters but may have 4096"));
    }

    [Test]
    public void Nonsense_from_a_peer_is_refused_and_changes_nothing()
    {
        var before = _group[1].Current;
        var member = before.Self with { Address = new RpcAddress("stranger", 1) };
        var target = _group.Nodes[0].Env.RefTo(new RpcEndpointAddress(SimulatedGroup.AddressOf(_group.Nodes[1]), ClusterMembership.EndpointName));
        var from = SimulatedGroup.AddressOf(_group.Nodes[0]);
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
        _cluster.RunFor(TimeSpan.FromSeconds(5));

        Assert.That(_group[1].Current, Is.EqualTo(before));
        Assert.That(_group.AllAgree());
    }

    private IEnumerable<(SimulatedNode Node, MemberEvent Change)> ToldOf(Member member, int since) => _group.Told.Skip(since).Where(told => told.Change.Member == member);
}
