#pragma warning disable MA0048 // what is published stands beside who publishes it
using Sparkish.Membership.Protocol;
using Sparkish.Rpc;

namespace Sparkish.Membership.Nodes;

/// <summary>What others read of a membership: written by its endpoint, read by all threads.</summary>
internal sealed class MembershipView
{
    private readonly TaskCompletionSource<bool> _joined;
    private volatile PublishedState _state;

    public MembershipView(RpcEnv env, Member self)
    {
        _joined = env.NewCompletion<bool>();
        _state = new PublishedState(null, new MembershipSnapshot(0, self, [self], []));
    }

    public MembershipSnapshot Current => _state.Snapshot;

    public Task Joined => _joined.Task;

    public void Publish(Swim state, long version) => _state = new PublishedState(state, null) { Version = version };

    public void SetJoined() => _joined.TrySetResult(true);

    public void SetEnded(RpcEnv env)
    {
        if (!_joined.TrySetException(new SparkException($"RpcEnv '{env.Name}' left the group before another node answered."))) return;
        _ = _joined.Task.Exception; // nobody has to wait for it
    }
}

/// <summary>A state of the protocol; its snapshot is made when the first reader wants it, since in large groups most are never read.</summary>
internal sealed class PublishedState(Swim? state, MembershipSnapshot? snapshot)
{
    private MembershipSnapshot? _snapshot = snapshot;

    public long Version { get; init; }

    public MembershipSnapshot Snapshot => Volatile.Read(ref _snapshot) ?? (Interlocked.CompareExchange(ref _snapshot, state!.Snapshot(Version), null) ?? _snapshot);
}
