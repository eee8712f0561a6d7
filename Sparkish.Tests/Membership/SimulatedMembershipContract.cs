using Sparkish.Membership;
using Sparkish.Membership.Nodes;
using Sparkish.Rpc;
using Sparkish.Simulation;
using Sparkish.TestKit;

namespace Sparkish.Tests.Membership;

/// <summary>The contract on simulated nodes.</summary>
internal abstract class SimulatedMembershipContract : MembershipContract
{
    private const int Size = 5;

    /// <summary>Makes the provider of the group's nodes; null for the one that the settings name.</summary>
    protected abstract IMembershipProvider? NewProvider();

    /// <summary>Kills a node, so that the provider suspects it and then takes it for dead.</summary>
    protected abstract void Lose(SimulatedNode node);

    protected SimulatedCluster Cluster { get; private set; } = null!;

    protected SimulatedGroup Group { get; private set; } = null!;

    protected override IMemberGroup NewGroup()
    {
        Cluster = new SimulatedCluster(1, SimulatedGroup.Options);
        Group = new SimulatedGroup(Cluster, Size, NewProvider());
        return new SimulatedMembers(this);
    }

    private sealed class SimulatedMembers(SimulatedMembershipContract contract) : IMemberGroup
    {
        private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
        private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

        public int Size => SimulatedMembershipContract.Size;

        public TimeSpan Quiet { get; } = TimeSpan.FromSeconds(10);

        public IReadOnlyList<(int Node, MemberEvent Change)> Told => [.. Group.Told.Select(told => (Group.Nodes.IndexOf(told.Node), told.Change))];

        public ClusterMembership this[int node] => Group[node];

        private SimulatedCluster Cluster => contract.Cluster;

        private SimulatedGroup Group => contract.Group;

        public Task RunAsync(Func<Task> body)
        {
            Cluster.Run(body, Patience);
            return Task.CompletedTask;
        }

        public async Task UntilAsync(Func<bool> condition)
        {
            var clock = TestProbe.On(Group.Nodes[0].Env);
            while (!condition()) await clock.ExpectNoneAsync(Step);
            await clock.ExpectNoneAsync(Step); // what was decided is told
        }

        public void Lose(int node) => contract.Lose(Group.Nodes[node]);

        public void StartAgain(int node)
        {
            Group.Nodes[node].Crash();
            Group.Nodes[node].Start();
        }

        public void JoinAgain(int node) => Group.Join(Group.Nodes[node], Group.Nodes[node].Env);

        public RpcEnv NewClient()
        {
            RpcEnv? client = null;
            var options = new RpcEnvOptions("c", Cluster.Options.Conf, Cluster.Options.Messages) { Listen = false };
            Cluster.AddNode("c", node => client = node.EnvFactory.Create(options));
            return client!;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
