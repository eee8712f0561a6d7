using Sparkish.Membership;
using Sparkish.Membership.Nodes;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.Serialization.Messages;
using Sparkish.TestKit;

namespace Sparkish.Tests.Membership;

/// <summary>The same over real sockets, in one process.</summary>
internal sealed class MembershipOverSocketsTests
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
    public async Task Nodes_that_join_by_one_see_each_other_with_what_they_tell_of_themselves()
    {
        var master = Join("master", []);
        var worker = Join("worker", [master.Env.Address]);
        var driver = Join("driver", [master.Env.Address], new SparkConf(false).Set("spark.membership.seeds", $"{master.Env.Address}, {worker.Env.Address}"));

        await Task.WhenAll(worker.JoinedAsync(), driver.JoinedAsync()).WaitAsync(Patience);
        foreach (var membership in new[] { master, worker, driver }) await SeesAsync(membership, members => members.Count == 3);

        var seen = master.Current.Members.Single(member => member.Is("worker"));
        Assert.That((seen.Address, seen.Uid, seen.Name), Is.EqualTo((worker.Env.Address, worker.Env.Incarnation, "worker")));
        Assert.That(seen.Metadata, Is.EqualTo(new Dictionary<string, string>(StringComparer.Ordinal) { ["cores"] = "4" }));
    }

    [Test]
    public async Task Changes_come_in_the_order_of_their_versions()
    {
        var seed = Join("seed", []);
        var probe = TestProbe.On(seed.Env);
        seed.Subscribe(probe.Self);
        var first = await probe.ExpectAsync<MembershipSnapshot>(timeout: Patience);
        var others = Enumerable.Range(0, 5).Select(number => Join($"n{number}", [seed.Env.Address])).ToList();
        await SeesAsync(seed, members => members.Count == 6);
        await Task.WhenAll(others.Select(other => other.JoinedAsync())).WaitAsync(Patience);
        await others[0].UpdateAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["cores"] = "8" });
        await SeesAsync(seed, members => members.Any(member => member.Metadata["cores"] == "8"));
        foreach (var other in others.Take(4)) await other.LeaveAsync();
        await SeesAsync(seed, members => members.Count == 2);

        for (var version = first.Version; version < seed.Current.Version;)
        {
            var change = await probe.ExpectAsync<MemberEvent>(timeout: Patience);
            Assert.That(change.Version, Is.EqualTo(++version));
            Assert.That(change, Is.InstanceOf<MemberUp>().Or.InstanceOf<MemberLeft>());
        }
    }

    [Test]
    public async Task An_env_that_stops_and_one_that_starts_at_its_address_are_two_members()
    {
        var seed = Join("seed", []);
        var probe = TestProbe.On(seed.Env);
        var first = Join("first", [seed.Env.Address]);
        await SeesAsync(seed, members => members.Count == 2);
        await first.JoinedAsync().WaitAsync(Patience); // who knows nobody yet has nobody to say good-bye to
        seed.Subscribe(probe.Self);
        await probe.ExpectAsync<MembershipSnapshot>(timeout: Patience);

        await first.Env.DisposeAsync();
        var second = Join("second", [seed.Env.Address], port: first.Env.Address.Port);
        await SeesAsync(seed, members => members.Any(member => member.Name == "second"));

        Assert.That((await probe.ExpectAsync<MemberLeft>(timeout: Patience)).Member, Is.EqualTo(first.Current.Self));
        Assert.That((await probe.ExpectAsync<MemberUp>(timeout: Patience)).Member, Is.EqualTo(second.Current.Self));
    }

    [Test]
    public async Task A_refused_connection_is_told_as_such()
    {
        var gone = Env("gone", new SparkConf(false), port: 0);
        var env = Env("env", new SparkConf(false), port: 0);
        await gone.DisposeAsync();

        var error = Assert.ThrowsAsync<RpcConnectionException>(() => env.SetupEndpointRefAsync(new RpcEndpointAddress(gone.Address, "e")));

        Assert.That(error!.IsRefused, Is.True);
        Assert.That(Assert.Throws<RpcConnectionException>(() => env.OpenBulk(gone.Address, "b"))!.IsRefused, Is.True);
    }

    [Test]
    public void A_seed_that_is_no_address_stops_the_start()
    {
        var env = Env("env", new SparkConf(false).Set("spark.membership.seeds", "somewhere"), port: 0);

        Assert.That(() => ClusterMembership.Join(env), Throws.TypeOf<SparkException>().With.Message.Contains("'somewhere'"));
    }

    private ClusterMembership Join(string name, IReadOnlyList<RpcAddress> seeds, SparkConf? conf = null, int port = 0) =>
        ClusterMembership.Join(Env(name, conf ?? new SparkConf(false), port), new MembershipOptions
        {
            Roles = [name],
            Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["cores"] = "4" },
            Seeds = seeds,
        });

    private RpcEnv Env(string name, SparkConf conf, int port)
    {
        var env = new NetworkRpcEnvFactory().Create(new RpcEnvOptions(name, conf, new MessageRegistry()) { Port = port });
        _envs.Add(env);
        return env;
    }

    private static async Task SeesAsync(ClusterMembership membership, Func<IReadOnlyList<Member>, bool> wanted)
    {
        var watcher = TestProbe.On(membership.Env);
        membership.Subscribe(watcher.Self);
        await watcher.ExpectAsync<MembershipSnapshot>(timeout: Patience);
        while (!wanted(membership.Current.Members)) await watcher.ExpectAsync<MemberEvent>(timeout: Patience);
        membership.Unsubscribe(watcher.Self);
    }
}
