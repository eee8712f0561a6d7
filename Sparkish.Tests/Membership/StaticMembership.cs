using Sparkish.Membership;
using Sparkish.Rpc;

namespace Sparkish.Tests.Membership;

/// <summary>
/// A provider without a protocol: the nodes that share it are a group, and what becomes of them is what a test says. Each node learns of a change at once.
/// </summary>
public sealed class StaticMembership : IMembershipProvider
{
    private readonly SortedDictionary<string, Node> _nodes = new(StringComparer.Ordinal);

    public IMembershipSession Join(RpcEnv env, Member self, IReadOnlyList<RpcAddress> seeds, IMembershipObserver observer)
    {
        var node = new Node(this, self, observer);
        _nodes[self.Address.ToString()] = node; // in the place of one that was here before
        foreach (var other in Others(node))
        {
            other.Observer.Report(new MemberUp(self));
            observer.Report(new MemberUp(other.Self));
        }

        if (seeds.Contains(self.Address)) observer.OnJoined();
        return node;
    }

    /// <summary>Suspects a node and takes it for dead.</summary>
    public void Lose(RpcAddress address)
    {
        if (!_nodes.Remove(address.ToString(), out var lost)) throw new InvalidOperationException($"{address} is not a member.");
        foreach (var node in _nodes.Values)
        {
            node.Observer.Report(new MemberSuspected(lost.Self, node.Self.Address, "the test says so"));
            node.Observer.Report(new MemberDown(lost.Self, "the test says so"));
        }
    }

    private IEnumerable<Node> Others(Node node) => _nodes.Values.Where(other => other != node);

    private sealed class Node(StaticMembership group, Member self, IMembershipObserver observer) : IMembershipSession
    {
        public Member Self { get; private set; } = self;

        public IMembershipObserver Observer => observer;

        public Task UpdateAsync(Member self)
        {
            Self = self;
            foreach (var node in group._nodes.Values) node.Observer.Report(new MemberUp(self));
            return Task.CompletedTask;
        }

        public Task LeaveAsync()
        {
            if (!Remove()) return Task.CompletedTask;
            observer.Report(new MemberLeft(Self));
            observer.OnEnded();
            return Task.CompletedTask;
        }

        public void OnEnvStopped() => Remove();

        private bool Remove()
        {
            if (group._nodes.GetValueOrDefault(Self.Address.ToString()) != this) return false;
            group._nodes.Remove(Self.Address.ToString());
            foreach (var node in group._nodes.Values) node.Observer.Report(new MemberLeft(Self));
            return true;
        }
    }
}
