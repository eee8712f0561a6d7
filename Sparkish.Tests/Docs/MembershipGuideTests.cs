#pragma warning disable MA0048 // the code of one page
using Sparkish.Membership;
using Sparkish.Membership.Nodes;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;
using Sparkish.Simulation;

namespace Sparkish.Tests.Docs;

// <snippet membership-subscriber>
public sealed class WorkerCount(Action<int> changed) : RpcEndpoint
{
    private readonly HashSet<Member> _workers = [];

    public override void Receive(object message)
    {
        switch (message)
        {
            case MembershipSnapshot m: _workers.UnionWith(m.Members.Where(member => member.Is("worker"))); break; // always first
            case MemberUp m when m.Member.Is("worker"): _workers.Add(m.Member); break;
            case MemberDown m: _workers.Remove(m.Member); break; // m.Reason gives the cause
            case MemberLeft m: _workers.Remove(m.Member); break;
            case MemberEvent: return; // MemberSuspected: it may still refute that
            default: base.Receive(message); break;
        }

        changed(_workers.Count);
    }
}
// </snippet>

/// <summary>The code of docs/membership.md.</summary>
internal sealed class MembershipGuideTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Test]
    public async Task A_worker_joins_is_counted_updates_and_leaves()
    {
        var messages = new MessageRegistry();
        await using var masterEnv = RpcEnv.Create(new RpcEnvOptions("master", new SparkConf(false), messages));
        await using var workerEnv = RpcEnv.Create(new RpcEnvOptions("worker", new SparkConf(false), messages));
        var counts = System.Threading.Channels.Channel.CreateUnbounded<int>();

        // <snippet membership-join>
        var master = ClusterMembership.Join(masterEnv, new MembershipOptions { Roles = ["master"] });

        var worker = ClusterMembership.Join(workerEnv, new MembershipOptions
        {
            Roles = ["worker"],
            Metadata = new Dictionary<string, string> { ["cores"] = "8" },
            Seeds = [masterEnv.Address], // or spark.membership.seeds=host:port,host:port
        });
        await worker.JoinedAsync();
        // </snippet>

        // <snippet membership-subscribe>
        var count = masterEnv.SetupEndpoint("worker-count", new WorkerCount(workers => counts.Writer.TryWrite(workers)));
        master.Subscribe(count);
        // </snippet>

        await SeesAsync(1);

        // <snippet membership-current>
        foreach (var member in master.Current.Members.Where(member => member.Is("worker")))
            Console.WriteLine($"{member.Name} at {member.Address} with {member.Metadata["cores"]} cores");
        // </snippet>

        // <snippet membership-leave>
        await worker.UpdateAsync(new Dictionary<string, string> { ["cores"] = "4" }); // the others get a MemberUp with the new metadata
        await worker.LeaveAsync(); // the others get a MemberLeft; stopping the env does the same
        // </snippet>

        await SeesAsync(0);

        async Task SeesAsync(int workers)
        {
            using var timeout = new CancellationTokenSource(Patience);
            while (await counts.Reader.ReadAsync(timeout.Token) != workers) { }
        }
    }

    [Test]
    public void The_same_in_simulation()
    {
        // <snippet membership-simulation>
        var cluster = new SimulatedCluster(seed: 1);
        var memberships = new Dictionary<string, ClusterMembership>();
        var options = new MembershipOptions { Seeds = [new RpcAddress("node-1", 7077)] };
        var nodes = Enumerable.Range(1, 5)
            .Select(number => cluster.AddNode($"node-{number}", (RpcEnv env) => memberships[env.Name] = ClusterMembership.Join(env, options)))
            .ToList();
        cluster.RunUntil(() => memberships.Values.All(membership => membership.Current.Members.Count == 5), within: TimeSpan.FromSeconds(10));

        nodes[4].LoseMachine(); // without any notice to the others
        cluster.RunUntil(() => memberships["node-1"].Current.Members.Count == 4, within: TimeSpan.FromSeconds(15));
        // </snippet>

        Assert.That(memberships["node-1"].Current.Members.Select(member => member.Name), Is.EqualTo(new[] { "node-1", "node-2", "node-3", "node-4" }));
    }
}
