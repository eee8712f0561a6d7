using Sparkish.Membership;
using Sparkish.Membership.Nodes;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;
using Sparkish.Simulation;

namespace Sparkish.Tests.Membership;

/// <summary>Nodes of a simulated cluster that are members of one group by the real endpoints, each with a subscriber that checks what it is told.</summary>
internal sealed class SimulatedGroup
{
    private readonly SimulatedCluster _cluster;
    private readonly IMembershipProvider? _provider;
    private readonly Dictionary<SimulatedNode, ClusterMembership> _memberships = [];

    /// <param name="cluster">The cluster that the nodes are added to.</param>
    /// <param name="size">How many.</param>
    /// <param name="provider">The provider of their memberships; that of the settings unless given.</param>
    public SimulatedGroup(SimulatedCluster cluster, int size, IMembershipProvider? provider = null)
    {
        (_cluster, _provider) = (cluster, provider);
        for (var i = 0; i < size; i++) Nodes.Add(cluster.AddNode($"n{i:000}", Start));
    }

    public static SimulationOptions Options { get; } = new() { Messages = new MessageRegistry() };

    public List<SimulatedNode> Nodes { get; } = [];

    /// <summary>What all subscribers were told, in the order of their hearing it.</summary>
    public List<(SimulatedNode Node, MemberEvent Change)> Told { get; } = [];

    public IEnumerable<SimulatedNode> Running => Nodes.Where(node => node.IsRunning);

    public ClusterMembership this[int index] => _memberships[Nodes[index]];

    public ClusterMembership this[SimulatedNode node] => _memberships[node];

    public IEnumerable<(SimulatedNode Node, MemberEvent Change)> Downs => Told.Where(told => told.Change is MemberDown);

    public static RpcAddress AddressOf(SimulatedNode node) => new(node.Name, SimulatedNode.FirstPort);

    /// <summary>Lets time pass until all running nodes see exactly the running nodes, each in its present life, and suspect none.</summary>
    public void RunUntilAllAgree(TimeSpan? within = null)
    {
        _cluster.RunUntil(AllAgree, within ?? TimeSpan.FromMinutes(2));
        _cluster.RunFor(TimeSpan.FromMilliseconds(10));
    }

    public bool AllAgree()
    {
        var expected = Running.Select(node => (Address: AddressOf(node), _memberships[node].Env.Incarnation)).ToHashSet();
        return Running.All(node => _memberships[node].Current is { Suspected.Count: 0 } seen
            && expected.SetEquals(seen.Members.Select(member => (member.Address, member.Uid))));
    }

    /// <summary>Lets time pass until no other running node sees a node, and their subscribers have heard of it.</summary>
    public void RunUntilRemoved(SimulatedNode gone, TimeSpan within)
    {
        _cluster.RunUntil(() => Running.Where(node => node != gone)
            .All(node => _memberships[node].Current.Members.All(member => member.Address != AddressOf(gone))), within);
        _cluster.RunFor(TimeSpan.FromMilliseconds(10));
    }

    private void Start(SimulatedNode node)
    {
        var env = node.EnvFactory.Create(
            new RpcEnvOptions(node.Name, _cluster.Options.Conf, _cluster.Options.Messages) { LoggerFactory = _cluster.Options.LoggerFactory });
        Join(node, env);
    }

    public void Join(SimulatedNode node, RpcEnv env)
    {
        var options = new MembershipOptions
        {
            Roles = ["worker"],
            Metadata = new Dictionary<string, string>(StringComparer.Ordinal) { ["start"] = $"{node.Starts}" },
            Seeds = [new RpcAddress("n000", SimulatedNode.FirstPort), new RpcAddress("n001", SimulatedNode.FirstPort)],
        };
        var membership = _memberships[node] = _provider is null ? ClusterMembership.Join(env, options) : ClusterMembership.Join(env, _provider, options);
        membership.Subscribe(
            env.SetupEndpoint($"subscriber-{membership.GetHashCode()}", new CheckingSubscriber(membership, _cluster, change => Told.Add((node, change)))));
    }
}

/// <summary>Folds the changes that it is told of onto the snapshot that came first, and fails the run where they do not fit together.</summary>
internal sealed class CheckingSubscriber(ClusterMembership membership, SimulatedCluster cluster, Action<MemberEvent> heard) : RpcEndpoint
{
    private readonly HashSet<Member> _members = [];
    private readonly HashSet<Member> _suspected = [];
    private long _version = -1;

    public override void Receive(object message)
    {
        switch (message)
        {
            case MembershipSnapshot m: OnSnapshot(m); break;
            case MemberEvent m: OnChange(m); break;
            default: base.Receive(message); break;
        }
    }

    private void OnSnapshot(MembershipSnapshot snapshot)
    {
        cluster.Check(_version < 0, "A second snapshot came.");
        _version = snapshot.Version;
        _members.UnionWith(snapshot.Members);
        _suspected.UnionWith(snapshot.Suspected);
    }

    private void OnChange(MemberEvent change)
    {
        heard(change);
        cluster.Check(change.Version == ++_version, $"{change} came where version {_version} was to come.");
        _suspected.Remove(change.Member);
        if (change is MemberDown or MemberLeft) cluster.Check(_members.Remove(change.Member), $"{change} came, but it was not there.");
        else _members.Add(change.Member);
        if (change is MemberSuspected) _suspected.Add(change.Member);

        var current = membership.Current;
        cluster.Check(current.Version >= _version, $"{change} came before it could be seen in the snapshot, of version {current.Version}.");
        if (current.Version != _version) return;
        cluster.Check(_members.SetEquals(current.Members),
            $"After {change} there are {string.Join(", ", current.Members)} but {string.Join(", ", _members)} were told of.");
        cluster.Check(_suspected.SetEquals(current.Suspected), $"After {change} the suspected are others than were told of.");
    }
}
