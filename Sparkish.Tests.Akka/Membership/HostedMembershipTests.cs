using Akka.Actor;
using Akka.Configuration;
using Sparkish.Akka;
using Sparkish.Membership;
using Sparkish.Membership.Nodes;
using Sparkish.Rpc;
using Sparkish.Tests.Membership;
using Cluster = Akka.Cluster.Cluster;

namespace Sparkish.Tests.Akka.Membership;

/// <summary>The contract with Akka.Cluster, on envs over actor systems of others that form a cluster of their own.</summary>
internal sealed class HostedMembershipTests : MembershipContract
{
    protected override IMemberGroup NewGroup() => new HostedMembers();

    /// <summary>Actor systems in this process with a cluster, and an env over each.</summary>
    private sealed class HostedMembers : IMemberGroup
    {
        // Short times: what is lost here is gone at once, and nothing stands still.
        private const string Settings = """
            akka {
              loglevel = OFF
              stdout-loglevel = OFF
              actor.provider = cluster
              remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
              cluster {
                roles = ["sparkish"]
                seed-node-timeout = 1s
                periodic-tasks-initial-delay = 50ms
                gossip-interval = 100ms
                leader-actions-interval = 100ms
                unreachable-nodes-reaper-interval = 200ms
                failure-detector { heartbeat-interval = 200ms, acceptable-heartbeat-pause = 2s }
                split-brain-resolver.stable-after = 1s
              }
            }
            """;

        private readonly List<ActorSystem> _systems = [];
        private readonly ClusterMembership[] _memberships = new ClusterMembership[3];
        private readonly ToldChanges _told = new();

        public HostedMembers()
        {
            for (var node = 0; node < Size; node++) Start(node, port: 0);
        }

        public int Size => _memberships.Length;

        public TimeSpan Quiet { get; } = TimeSpan.FromMilliseconds(300);

        public IReadOnlyList<(int Node, MemberEvent Change)> Told => _told.All;

        public ClusterMembership this[int node] => _memberships[node];

        public Task RunAsync(Func<Task> body) => body();

        public Task UntilAsync(Func<bool> condition) => _told.UntilAsync(condition);

        public void Lose(int node) => ((ExtendedActorSystem)this[node].Env.GetActorSystem()).Abort();

        public void StartAgain(int node)
        {
            var (env, system) = (this[node].Env, this[node].Env.GetActorSystem());
            Lose(node);
            system.WhenTerminated.Wait(AkkaEnvs.Patience);
            env.Termination.Wait(AkkaEnvs.Patience);
            Start(node, env.Address.Port);
        }

        public void JoinAgain(int node) => Join(node, this[node].Env);

        public RpcEnv NewClient() => AkkaRpcEnv.Over(_systems[0], AkkaEnvs.Options("client") with { Listen = false });

        public async ValueTask DisposeAsync()
        {
            foreach (var membership in _memberships) await membership.Env.DisposeAsync();
            foreach (var system in _systems) ((ExtendedActorSystem)system).Abort();
            await Task.WhenAll(_systems.Select(static system => system.WhenTerminated)).WaitAsync(AkkaEnvs.Patience);
        }

        private void Start(int node, int port)
        {
            var system = ActorSystem.Create("shop", ConfigurationFactory.ParseString(Settings));
            _systems.Add(system);
            Cluster.Get(system).Join(Cluster.Get(_systems[0]).SelfAddress);
            var conf = new SparkConf(false).Set("spark.membership.provider", "akka");
            Join(node, AkkaRpcEnv.Over(system, AkkaEnvs.Options($"n{node}", conf) with { Port = port }));
        }

        private void Join(int node, RpcEnv env)
        {
            _memberships[node] = ClusterMembership.Join(env, new MembershipOptions { Roles = ["worker"] });
            _told.Subscribe(node, _memberships[node]);
        }
    }
}
