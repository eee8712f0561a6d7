using Akka.Actor;
using Microsoft.Extensions.Logging;
using Sparkish.Membership;
using Sparkish.Rpc;
using Cluster = Akka.Cluster.Cluster;
using IClusterActorRefProvider = Akka.Cluster.IClusterActorRefProvider;

namespace Sparkish.Akka.Membership;

/// <summary>The membership of an env on an actor system of others, whose cluster it sees and never changes. Leaving concerns the env alone.</summary>
internal sealed class HostedClusterSession : IAkkaMembershipSession
{
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly RpcEnv _env;
    private readonly ActorSystem _system;
    private readonly IMembershipObserver _observer;
    private readonly ILogger _log;
    private readonly IActorRef _actor;
    private Member _self;
    private Task? _left;
    private bool _isLost;

    private HostedClusterSession(RpcEnv env, ActorSystem system, Member self, IMembershipObserver observer)
    {
        (_env, _system, _self, _observer) = (env, system, self, observer);
        _log = env.LoggerFactory.CreateLogger("Sparkish.Membership");
        var options = new MembershipActorOptions(Self, [], observer, (reason, _) => OnLost(reason), _log);
        try
        {
            _actor = system.ActorOf(Props.Create(() => new MembershipActor(options)), MembershipActor.ActorName);
        }
        catch (InvalidActorNameException error)
        {
            throw new SparkException(
                $"Actor system '{system.Name}' has a member already: at most one env on an actor system joins with spark.membership.provider=akka.", error);
        }
    }

    public ActorSystem? System
    {
        get { lock (_lock) return _left is null && !_isLost ? _system : null; }
    }

    /// <summary>Begins to report the cluster of the env's actor system.</summary>
    /// <exception cref="SparkException">The system has no cluster, or its cluster is over or lacks the role.</exception>
    public static HostedClusterSession Start(RpcEnv env, IClusterHost host, Member self, IMembershipObserver observer)
    {
        var system = (ExtendedActorSystem)host.System;
        if (system.Provider is not IClusterActorRefProvider)
        {
            throw new SparkException(
                $"Membership of RpcEnv '{env.Name}' is by Akka.Cluster, but actor system '{system.Name}' has none: set akka.actor.provider to 'cluster', "
                + "or spark.membership.provider to 'swim'.");
        }

        var cluster = Cluster.Get(system);
        if (cluster.IsTerminated)
        {
            throw new SparkException(
                $"The cluster of actor system '{system.Name}' has removed it, and an actor system joins once: start another actor system, and an env on it.");
        }

        if (!cluster.SelfRoles.Contains(AkkaMembershipProvider.Role))
        {
            throw new SparkException(
                $"Actor system '{system.Name}' lacks the role '{AkkaMembershipProvider.Role}', by which the cluster's nodes with envs know each other: "
                + "add it to akka.cluster.roles.");
        }

        MembershipSerializer.AddTo(system);
        return new HostedClusterSession(env, system, self, observer);
    }

    public Task UpdateAsync(Member self)
    {
        lock (_lock)
        {
            if (_left is not null || _isLost) throw new SparkException($"RpcEnv '{_env.Name}' has left its group.");
            _self = self;
            _actor.Tell(new MembershipActor.Update(self), ActorRefs.NoSender);
        }

        _observer.Report(new MemberUp(self));
        return Task.CompletedTask;
    }

    public Task LeaveAsync()
    {
        lock (_lock) return _left ??= EndAsync();
    }

    public void OnEnvStopped() => _ = LeaveAsync();

    public Task EndedAsync()
    {
        lock (_lock) return _left ?? Task.CompletedTask;
    }

    private void OnLost(string reason)
    {
        lock (_lock)
        {
            if (_left is not null || _isLost) return;
            _isLost = true;
        }

        _log.HostedClusterLost(_env.Name, reason);
        _observer.Report(new MemberDown(Self(), reason));
        _observer.OnEnded();
        _system.Stop(_actor);
    }

    private async Task EndAsync()
    {
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _actor.Tell(new MembershipActor.Leave(told), ActorRefs.NoSender);
        await Task.WhenAny(told.Task, Task.Delay(FarewellTime, _env.Time)).ConfigureAwait(false);
        _observer.Report(new MemberLeft(Self()));
        _observer.OnEnded();
        try
        {
            await _actor.GracefulStop(StopTime).ConfigureAwait(false); // its name is free then
        }
        catch (TaskCanceledException)
        {
            // The actor system is busy or ends; the actor stops with it.
        }
    }

    private Member Self()
    {
        lock (_lock) return _self;
    }
}
