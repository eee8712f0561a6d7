using Akka.Actor;
using Microsoft.Extensions.Logging;
using Sparkish.Membership;
using Sparkish.Rpc;

namespace Sparkish.Akka.Membership;

/// <summary>
/// The membership of an env that starts actor systems for it, one after the other: when the cluster removes one, the next one joins. The env's own actor
/// system is another one, which no cluster can quarantine, so that endpoints and connections outlive a removal.
/// </summary>
internal sealed class OwnClusterSession : IAkkaMembershipSession
{
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RestartInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly RpcEnv _env;
    private readonly IClusterHost _host;
    private readonly IMembershipObserver _observer;
    private readonly IReadOnlyList<RpcAddress> _seeds;
    private readonly string _group;
    private readonly ILogger _log;
    private readonly TaskCompletionSource _leaving = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Member _self;
    private ClusterIncarnation _incarnation;
    private Task _running = Task.CompletedTask;
    private Task? _left;

    private OwnClusterSession(RpcEnv env, IClusterHost host, Member self, IReadOnlyList<RpcAddress> seeds, IMembershipObserver observer)
    {
        (_env, _host, _self, _seeds, _observer) = (env, host, self, seeds, observer);
        _group = env.Conf.Get(MembershipKeys.Cluster);
        _log = env.LoggerFactory.CreateLogger("Sparkish.Membership");
        _incarnation = NewIncarnation([]);
    }

    public ActorSystem? System
    {
        get { lock (_lock) return _left is null ? _incarnation.System : null; }
    }

    /// <summary>Starts the first actor system, and begins to join.</summary>
    /// <exception cref="SparkException">It cannot start, or may not.</exception>
    public static OwnClusterSession Start(
        RpcEnv env, IClusterHost host, Member self, IReadOnlyList<RpcAddress> seeds, IMembershipObserver observer)
    {
        var session = new OwnClusterSession(env, host, self, seeds, observer);
        session._running = session.RunAsync();
        return session;
    }

    public Task UpdateAsync(Member self)
    {
        lock (_lock)
        {
            if (_left is not null) throw new SparkException($"RpcEnv '{_env.Name}' has left its group.");
            _self = self;
            _incarnation.Update(self);
        }

        _observer.Report(new MemberUp(self));
        return Task.CompletedTask;
    }

    public Task LeaveAsync()
    {
        lock (_lock) return _left ??= EndAsync(_incarnation);
    }

    public void OnEnvStopped() => _ = LeaveAsync();

    public Task EndedAsync()
    {
        lock (_lock) return _left ?? Task.CompletedTask;
    }

    private async Task RunAsync()
    {
        while (true)
        {
            var incarnation = _incarnation;
            var end = await incarnation.RunAsync().ConfigureAwait(false);
            if (_leaving.Task.IsCompleted) return;
            if (end.IsRemoval) ReportRemoval(end);
            await incarnation.AbortAsync().ConfigureAwait(false);
            if (!await RestartAsync(end.Members).ConfigureAwait(false)) return;
        }
    }

    /// <summary>The others have lost this node, and it has lost them, though they may well be alive.</summary>
    private void ReportRemoval(IncarnationEnd end)
    {
        _log.ClusterLost(_env.Name, end.Reason);
        const string Reason = "this node was removed from the cluster, and has not joined it again yet";
        var self = Self();
        _observer.Report([
            new MemberDown(self, end.Reason),
            .. end.Members.Select(member => new MemberSuspected(member, self.Address, Reason)),
        ]);
    }

    /// <summary>Starts the next life; false if this node leaves meanwhile.</summary>
    private async Task<bool> RestartAsync(IReadOnlyList<Member> missing)
    {
        while (true)
        {
            try
            {
                return await BeginAsync(NewIncarnation(missing)).ConfigureAwait(false);
            }
            catch (SparkException error)
            {
                _log.ClusterRestartFailed(error, _env.Name); // its port may not be free yet
            }

            if (await Task.WhenAny(_leaving.Task, Task.Delay(RestartInterval, _env.Time)).ConfigureAwait(false) == _leaving.Task) return false;
        }
    }

    private async Task<bool> BeginAsync(ClusterIncarnation next)
    {
        lock (_lock)
        {
            if (_left is null)
            {
                _incarnation = next;
                next.Update(_self); // it may have changed while the actor system started
                return true;
            }
        }

        await next.AbortAsync().ConfigureAwait(false); // it has not joined
        return false;
    }

    private ClusterIncarnation NewIncarnation(IReadOnlyList<Member> missing) => ClusterIncarnation.Start(
        _env, _host, new Seeds(_group, _seeds, [.. missing.Select(static member => member.Address)]), _self.Roles,
        new MembershipActorOptions(Self, missing, _observer, static (_, _) => { }, _log));

    private async Task EndAsync(ClusterIncarnation incarnation)
    {
        _leaving.TrySetResult();
        await incarnation.SayFarewellAsync(FarewellTime).ConfigureAwait(false);
        _observer.Report(new MemberLeft(Self()));
        _observer.OnEnded();
        await incarnation.EndAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
    }

    private Member Self()
    {
        lock (_lock) return _self;
    }
}
