using Sparkish.Membership;
using Sparkish.Membership.Nodes;
using Sparkish.Rpc;

namespace Sparkish.Tests.Akka.Membership;

/// <summary>What subscribers on several nodes of one process were told.</summary>
internal sealed class ToldChanges
{
    private readonly Lock _lock = new();
    private readonly List<(int Node, MemberEvent Change)> _told = [];
    private readonly List<TaskCompletionSource> _waits = [];
    private int _subscribers;

    public IReadOnlyList<(int Node, MemberEvent Change)> All
    {
        get { lock (_lock) return [.. _told]; }
    }

    public void Subscribe(int node, ClusterMembership membership)
    {
        var name = $"subscriber-{Interlocked.Increment(ref _subscribers)}";
        membership.Subscribe(membership.Env.SetupEndpoint(name, new Subscriber(change => Add(node, change))));
    }

    /// <summary>Waits until something is so, and looks whenever a node is told of a change.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        var deadline = Task.Delay(AkkaEnvs.Patience);
        while (true)
        {
            var next = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock) _waits.Add(next);
            if (condition()) return;
            if (await Task.WhenAny(next.Task, deadline) == deadline)
                throw new AssertionException($"{AkkaEnvs.Patience.TotalSeconds} s passed. Told:\n{string.Join('\n', All)}");
        }
    }

    private void Add(int node, MemberEvent? change)
    {
        lock (_lock)
        {
            if (change is not null) _told.Add((node, change));
            foreach (var wait in _waits) wait.TrySetResult();
            _waits.Clear();
        }
    }

    private sealed class Subscriber(Action<MemberEvent?> heard) : RpcEndpoint
    {
        public override void Receive(object message) => heard(message as MemberEvent);
    }
}
