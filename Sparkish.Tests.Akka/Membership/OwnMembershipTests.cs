using Akka.Actor;
using Akka.Configuration;
using Sparkish.Akka;
using Sparkish.Membership;
using Sparkish.Membership.Nodes;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.TestKit;
using Sparkish.Tests.Security;
using Cluster = Akka.Cluster.Cluster;
using ClusterEvent = Akka.Cluster.ClusterEvent;
using MemberStatus = Akka.Cluster.MemberStatus;

namespace Sparkish.Tests.Akka.Membership;

/// <summary>Membership by Akka.Cluster of envs that have actor systems of their own.</summary>
internal sealed class OwnMembershipTests
{
    private readonly List<RpcEnv> _envs = [];
    private ToldChanges _told = null!;

    [SetUp]
    public void ForgetWhatWasTold() => _told = new ToldChanges();

    [TearDown]
    public async Task StopEnvs()
    {
        await Task.WhenAll(_envs.Select(static env => env.DisposeAsync().AsTask())).WaitAsync(AkkaEnvs.Patience);
        _envs.Clear();
    }

    [Test]
    public async Task Nodes_join_through_addresses_of_envs_and_one_that_left_joins_again()
    {
        var first = Join("first");
        var second = Join("second", first);

        await SeeEachOtherAsync(first, second);
        await first.JoinedAsync();
        var seen = first.Current.Members.Single(member => member == second.Current.Self);
        Assert.That((seen.Name, seen.Roles, seen.Metadata["cores"]), Is.EqualTo(("second", new[] { "second" }, "4")));

        await second.LeaveAsync();
        await _told.UntilAsync(() => first.Current.Members.Count == 1);
        await SeeEachOtherAsync(first, Join(second.Env, first));

        Assert.That(_told.All.Where(told => told.Node == 0).Select(told => told.Change), Has.None.InstanceOf<MemberDown>());
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_node_that_the_cluster_removes_joins_again_and_its_endpoints_answer_all_the_time(bool isFirst)
    {
        var (first, second) = (Join("first"), default(ClusterMembership)!);
        second = Join("second", first);
        await SeeEachOtherAsync(first, second);
        var (removed, other) = isFirst ? (first, second) : (second, first);
        var echo = other.Env.RefTo(removed.Env.SetupEndpoint("echo", new Echo()));
        var old = removed.Env.GetClusterSystem()!;

        var cluster = Cluster.Get(other.Env.GetClusterSystem()!);
        cluster.Down(Cluster.Get(old).SelfAddress);

        await _told.UntilAsync(() => IsToldOf(other, removed, static change => change is MemberDown));
        Assert.That(await echo.AskAsync<Note>(new Note("removed")), Is.EqualTo(new Note("removed")));
        await SeeEachOtherAsync(first, second);
        await _told.UntilAsync(() => IsToldOf(removed, removed, static change => change is MemberDown));
        await _told.UntilAsync(() => IsToldOf(removed, removed, static change => change is MemberUp));
        Assert.That(await echo.AskAsync<Note>(new Note("back")), Is.EqualTo(new Note("back")));
        Assert.That((removed.Env.GetClusterSystem() == old, removed.Env.GetActorSystem().WhenTerminated.IsCompleted), Is.EqualTo((false, false)));
        Assert.That(_told.All.Select(told => told.Change), Has.None.Matches<MemberEvent>(change => change is MemberDown && change.Member == other.Current.Self),
            "the removed one takes nobody for dead");
    }

    [Test, Long]
    public async Task Members_that_Akka_calls_removed_while_its_cluster_shuts_down_here_have_not_left()
    {
        var first = Join("first");
        var second = Join("second", first);
        await SeeEachOtherAsync(first, second);
        var system = first.Env.GetClusterSystem()!;
        var other = Cluster.Get(system).State.Members.Single(node => node.Address != Cluster.Get(system).SelfAddress);
        var actor = system.ActorSelection("/user/sparkish-membership");

        actor.Tell(ClusterEvent.ClusterShuttingDown.Instance);
        actor.Tell(new ClusterEvent.MemberRemoved(other.Copy(MemberStatus.Removed), MemberStatus.Up));

        await _told.UntilAsync(() => IsToldOf(first, first, static change => change is MemberDown));
        await SeeEachOtherAsync(first, second);
        Assert.That(_told.All.Where(static told => told.Node == 0).Select(static told => told.Change), Has.None.InstanceOf<MemberLeft>());
    }

    [Test]
    public async Task Groups_stay_apart_by_their_names()
    {
        var log = new Lines();
        var shop = Join("shop", conf: Conf().Set("spark.membership.cluster", "shop"));

        var bank = Join("bank", shop, Conf().Set("spark.membership.cluster", "bank"), log);

        await log.WhenLoggedAsync("belongs to group 'shop'").WaitAsync(AkkaEnvs.Patience);
        Assert.That((bank.JoinedAsync().IsCompleted, shop.Current.Members.Count), Is.EqualTo((false, 1)));
    }

    [Test]
    public async Task Two_nodes_that_have_each_begun_a_cluster_find_each_other()
    {
        var first = Join("first");
        var second = Env("second");
        await first.JoinedAsync().WaitAsync(AkkaEnvs.Patience);

        var joined = Join(second, new MembershipOptions { Seeds = [second.Address, new RpcAddress("127.0.0.1", 1)] });
        await joined.JoinedAsync().WaitAsync(AkkaEnvs.Patience);
        Assert.That(joined.Current.Members, Has.Count.EqualTo(1));
        var third = Join(Env("third"), new MembershipOptions { Seeds = [first.Env.Address] });
        await SeeEachOtherAsync(first, third);
        await joined.LeaveAsync();

        var late = Join(second, new MembershipOptions { Seeds = [second.Address, first.Env.Address] });

        await SeeEachOtherAsync(first, third, late);
    }

    [Test, Long]
    public async Task A_fixed_port_serves_one_life_after_the_other()
    {
        var port = FreePort();
        var first = Join("first");
        var second = Join("second", first, Conf().Set("spark.akka.cluster.port", $"{port}"));
        await SeeEachOtherAsync(first, second);

        Cluster.Get(first.Env.GetClusterSystem()!).Down(Cluster.Get(second.Env.GetClusterSystem()!).SelfAddress);
        await _told.UntilAsync(() => IsToldOf(first, second, static change => change is MemberDown));
        await SeeEachOtherAsync(first, second);
        await second.LeaveAsync();
        second = Join(second.Env, first);

        await SeeEachOtherAsync(first, second);
        Assert.That(Cluster.Get(second.Env.GetClusterSystem()!).SelfAddress.Port, Is.EqualTo(port));
    }

    [Test]
    public async Task With_certificates_of_one_authority_nodes_are_members_and_the_port_of_the_cluster_takes_nobody_else()
    {
        using var directory = new TemporaryDirectory();
        using var authority = new TestAuthority(directory.Path);
        var first = Join("first", conf: Conf(authority.Node("first")));
        var second = Join("second", first, Conf(authority.Node("second")));
        using var stranger = ActorSystem.Create("sparkish-cluster", ConfigurationFactory.ParseString(AkkaEnvs.Remoting));
        await SeeEachOtherAsync(first, second);

        var daemon = ((ExtendedActorSystem)stranger).Provider.ResolveActorRef(
            $"{Cluster.Get(first.Env.GetClusterSystem()!).SelfAddress}/system/cluster/core/daemon");

        Assert.That((await daemon.Ask<ActorIdentity>(new Identify(1), AkkaEnvs.Patience)).Subject, Is.Null);
    }

    [Test]
    public async Task A_stranger_deploys_nothing_on_the_actor_system_of_a_cluster_and_selects_nothing_there()
    {
        var member = Join("member");
        await member.JoinedAsync().WaitAsync(AkkaEnvs.Patience);
        var address = Cluster.Get(member.Env.GetClusterSystem()!).SelfAddress;
        using var stranger = ActorSystem.Create("sparkish-cluster", ConfigurationFactory.ParseString(AkkaEnvs.Remoting));

        var deployed = stranger.ActorOf(Props.Create<Deployed>().WithDeploy(new global::Akka.Actor.Deploy(new RemoteScope(address))));
        var selected = stranger.ActorSelection($"{address}/user/sparkish-membership").ResolveOne(TimeSpan.FromSeconds(1));

        Assert.That((await deployed.Ask<ActorIdentity>(new Identify(1), AkkaEnvs.Patience)).Subject, Is.Null, "no actor has this path there");
        Assert.That(async () => await selected, Throws.InstanceOf<ActorNotFoundException>());
    }

    [Test]
    public void A_secret_alone_is_refused_as_it_does_not_protect_the_cluster()
    {
        var env = Env("env", Conf().Set("spark.authenticate", "true").Set("spark.authenticate.secret", "a secret of these tests"));

        Assert.That(() => ClusterMembership.Join(env), Throws.InstanceOf<SparkException>().With.Message.Contains("spark.ssl.rpc").And.Message.Contains("swim"));
    }

    [Test]
    public async Task An_env_that_does_not_run_on_Akka_is_refused()
    {
        await using var env = new NetworkRpcEnvFactory().Create(AkkaEnvs.Options("built-in", Conf()));

        Assert.That(() => ClusterMembership.Join(env), Throws.InstanceOf<SparkException>().With.Message.Contains("spark.rpc.factory"));
    }

    [TestCase("remote", "", "akka.actor.provider")]
    [TestCase("cluster", "other", "akka.cluster.roles")]
    public async Task An_actor_system_of_others_that_cannot_be_used_is_refused(string provider, string role, string named)
    {
        using var system = ActorSystem.Create("mine", ConfigurationFactory.ParseString($"akka.actor.provider = {provider}, akka.cluster.roles = [\"{role}\"]")
            .WithFallback(ConfigurationFactory.ParseString(AkkaEnvs.Remoting)));
        await using var env = AkkaRpcEnv.Over(system, AkkaEnvs.Options("over", Conf()));

        Assert.That(() => ClusterMembership.Join(env), Throws.InstanceOf<SparkException>().With.Message.Contains(named));
    }

    [Test]
    public async Task An_actor_system_of_others_has_one_member_and_is_never_made_to_leave()
    {
        using var system = ActorSystem.Create("mine", ConfigurationFactory.ParseString("akka.actor.provider = cluster, akka.cluster.roles = [\"sparkish\"]")
            .WithFallback(ConfigurationFactory.ParseString(AkkaEnvs.Remoting)));
        var cluster = Cluster.Get(system);
        cluster.Join(cluster.SelfAddress);
        await using (var env = AkkaRpcEnv.Over(system, AkkaEnvs.Options("one", Conf())))
        await using (var another = AkkaRpcEnv.Over(system, AkkaEnvs.Options("two", Conf())))
        {
            var membership = ClusterMembership.Join(env);
            await membership.JoinedAsync().WaitAsync(AkkaEnvs.Patience);

            Assert.That(env.GetClusterSystem(), Is.SameAs(system));
            Assert.That(() => ClusterMembership.Join(another), Throws.InstanceOf<SparkException>().With.Message.Contains("'mine' has a member already"));
            await membership.LeaveAsync();
            Assert.That(env.GetClusterSystem(), Is.Null);
        }

        Assert.That((system.WhenTerminated.IsCompleted, cluster.IsTerminated, cluster.IsUp), Is.EqualTo((false, false, true)));
    }

    private ClusterMembership Join(string name, ClusterMembership? seed = null, SparkConf? conf = null, Lines? log = null) => Join(Env(name, conf, log), seed);

    private ClusterMembership Join(RpcEnv env, ClusterMembership? seed = null) => Join(env, new MembershipOptions
    {
        Roles = [env.Name],
        Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["cores"] = "4" },
        Seeds = seed is null ? [] : [seed.Env.Address],
    });

    private ClusterMembership Join(RpcEnv env, MembershipOptions options)
    {
        var membership = ClusterMembership.Join(env, options);
        _told.Subscribe(_envs.IndexOf(env), membership);
        return membership;
    }

    private RpcEnv Env(string name, SparkConf? conf = null, Lines? log = null)
    {
        var options = AkkaEnvs.Options(name, conf ?? Conf());
        var env = new AkkaRpcEnvFactory().Create(log is null ? options : options with { LoggerFactory = log });
        _envs.Add(env);
        return env;
    }

    private static SparkConf Conf(SparkConf? conf = null) => (conf ?? new SparkConf(false)).Set("spark.membership.provider", "akka");

    private bool IsToldOf(ClusterMembership by, ClusterMembership member, Func<MemberEvent, bool> wanted) =>
        _told.All.Any(told => told.Node == _envs.IndexOf(by.Env) && told.Change.Member == member.Current.Self && wanted(told.Change));

    private Task SeeEachOtherAsync(params ClusterMembership[] all) => _told.UntilAsync(() =>
    {
        var expected = all.Select(static one => one.Current.Self).ToHashSet();
        return Array.TrueForAll(all, one => one.Current is { Suspected.Count: 0 } seen && expected.SetEquals(seen.Members));
    });

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>What a stranger would like to run there.</summary>
    private sealed class Deployed : ReceiveActor;
}
