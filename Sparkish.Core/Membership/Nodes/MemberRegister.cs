using Sparkish.Rpc;

namespace Sparkish.Membership.Nodes;

/// <summary>
/// Receives a provider's reports, from any thread: numbers the changes, publishes the group, and passes the changes on to the <see cref="MembershipHub"/>,
/// which notifies subscribers.
/// </summary>
internal sealed class MemberRegister : IMembershipObserver
{
    private readonly Lock _lock = new();
    private readonly RpcEnv _env;
    private readonly TaskCompletionSource<bool> _joined;
    private volatile MemberList _members;
    private RpcEndpointRef? _hub;
    private IMembershipSession? _session;
    private bool _hasEnded;
    private bool _envStopped;

    public MemberRegister(RpcEnv env, Member self)
    {
        _env = env;
        _joined = env.NewCompletion<bool>();
        _members = MemberList.Of(self);
    }

    public MemberList Members => _members;

    public Task Joined => _joined.Task;

    public bool HasEnded
    {
        get { lock (_lock) return _hasEnded; }
    }

    /// <summary>Sets the receiver of changes; called before the provider knows this register.</summary>
    public void Attach(RpcEndpointRef hub) => _hub = hub;

    /// <summary>Sets the callback for the end of the env.</summary>
    public void Attach(IMembershipSession session)
    {
        lock (_lock)
        {
            _session = session;
            if (!_envStopped) return;
        }

        session.OnEnvStopped(); // while the provider joined
    }

    public void Report(params ReadOnlySpan<MemberEvent> changes)
    {
        lock (_lock)
        {
            if (_hasEnded) return;
            var told = new List<MemberEvent>(changes.Length);
            var members = _members;
            foreach (var change in changes) members = members.After(change, told);
            if (told.Count == 0) return;
            _members = members;

            // Under the lock, so that messages are in the order of versions; it puts a message into an inbox and does nothing else.
            _hub!.Send(new MembersChanged(told, members));
        }

        if (_members.HasOthers) OnJoined();
    }

    public void OnJoined() => _joined.TrySetResult(true);

    public void OnEnded()
    {
        if (!End()) return;
        _env.Stop(_hub!);
    }

    /// <summary>Called when the hub has stopped: with the env, or because the membership has ended.</summary>
    public void OnHubStopped()
    {
        if (!End()) return;
        IMembershipSession? session;
        lock (_lock) (_envStopped, session) = (true, _session);
        session?.OnEnvStopped();
    }

    private bool End()
    {
        lock (_lock)
        {
            if (_hasEnded) return false;
            _hasEnded = true;
            _members = _members.After(new MemberLeft(_members.Self), []);
        }

        // no caller has to wait for it
        if (_joined.TrySetException(new SparkException($"RpcEnv '{_env.Name}' left the group before another node answered."))) _ = _joined.Task.Exception;
        return true;
    }
}
