using System.Collections.Concurrent;
using Akka.Actor;
using Microsoft.Extensions.Logging;
using Sparkish.Membership;
using Sparkish.Membership.Protocol;
using Sparkish.Rpc;
using Cluster = Akka.Cluster.Cluster;

namespace Sparkish.Akka.Membership;

/// <summary>
/// One life of an env in a cluster: an actor system that joins once. Akka lets none that it has removed come back, so another life needs another one.
/// </summary>
internal sealed class ClusterIncarnation
{
    private static readonly TimeSpan SeedInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LonelyInterval = TimeSpan.FromSeconds(3);

    private readonly RpcEnv _env;
    private readonly Seeds _seeds;
    private readonly ILogger _log;
    private readonly ActorSystem _system;
    private readonly Cluster _cluster;
    private readonly IActorRef _actor;
    private readonly ConcurrentDictionary<RpcAddress, bool> _reported = [];
    private readonly TaskCompletionSource<IncarnationEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action _takeBackAddress;

    private ClusterIncarnation(RpcEnv env, IClusterHost host, Seeds seeds, ActorSystem system, MembershipActorOptions options)
    {
        (_env, _seeds, _log, _system, _cluster) = (env, seeds, options.Log, system, Cluster.Get(system));
        options = options with { Ended = (reason, members) => _ended.TrySetResult(new IncarnationEnd(reason, members, IsRemoval: true)) };
        _actor = system.ActorOf(Props.Create(() => new MembershipActor(options)), MembershipActor.ActorName);
        _takeBackAddress = host.ClusterAddress.Set(seeds.Group, () => new FoundCluster(_cluster.SelfAddress, _cluster.State.Members.Count));
    }

    /// <summary>Starts an actor system for the cluster. It has not joined yet.</summary>
    /// <exception cref="SparkException">It cannot listen.</exception>
    public static ClusterIncarnation Start(RpcEnv env, IClusterHost host, Seeds seeds, IReadOnlyList<string> roles, MembershipActorOptions options)
    {
        var system = host.StartClusterSystem(roles);
        try
        {
            return new ClusterIncarnation(env, host, seeds, system, options);
        }
        catch
        {
            _ = system.Terminate();
            throw;
        }
    }

    /// <summary>The actor system.</summary>
    public ActorSystem System => _system;

    /// <summary>The metadata of this node has changed.</summary>
    public void Update(Member self) => _actor.Tell(new MembershipActor.Update(self), ActorRefs.NoSender);

    /// <summary>Joins, and completes when this life is over.</summary>
    public async Task<IncarnationEnd> RunAsync()
    {
        await JoinAsync().ConfigureAwait(false);
        while (!_ended.Task.IsCompleted)
        {
            await PauseAsync(LonelyInterval).ConfigureAwait(false);
            if (!_ended.Task.IsCompleted && _cluster.State.Members.Count == 1) await LookForOthersAsync().ConfigureAwait(false);
        }

        return await _ended.Task.ConfigureAwait(false);
    }

    /// <summary>Tells the others that this node leaves; completes when they have confirmed it, or after a time.</summary>
    public async Task SayFarewellAsync(TimeSpan patience)
    {
        Stop();
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _actor.Tell(new MembershipActor.Leave(told), ActorRefs.NoSender);
        await Task.WhenAny(told.Task, Task.Delay(patience, _env.Time)).ConfigureAwait(false);
    }

    /// <summary>Leaves the cluster and ends the actor system. Bounded by the timeouts of Akka's coordinated shutdown.</summary>
    public async Task EndAsync()
    {
        Stop();
        _takeBackAddress();
        await _system.Terminate().ConfigureAwait(false);
    }

    /// <summary>Ends the actor system at once: there is no cluster to leave.</summary>
    public async Task AbortAsync()
    {
        _takeBackAddress();
        ((ExtendedActorSystem)_system).Abort();
        await _system.WhenTerminated.ConfigureAwait(false);
    }

    private void Stop() => _ended.TrySetResult(new IncarnationEnd("it leaves", [], IsRemoval: false));

    private async Task PauseAsync(TimeSpan duration) => await Task.WhenAny(_ended.Task, Task.Delay(duration, _env.Time)).ConfigureAwait(false);

    /// <summary>
    /// The first seed joins itself unless another node has a cluster; the others wait for a cluster. Akka asks the found nodes whether they have joined.
    /// </summary>
    private async Task JoinAsync()
    {
        while (!_ended.Task.IsCompleted)
        {
            var found = await FindAsync().ConfigureAwait(false);
            Address[] others = [.. found.Select(static pair => pair.Cluster.Address).Where(address => address != _cluster.SelfAddress).Distinct()];
            if (_seeds.IsFirst(_env.Address) || found.Exists(pair => pair.Seed == _seeds.First && pair.Cluster.Address == _cluster.SelfAddress))
            {
                _cluster.JoinSeedNodes([_cluster.SelfAddress, .. others]);
                return;
            }

            if (others.Length > 0)
            {
                _cluster.JoinSeedNodes(others);
                return;
            }

            await PauseAsync(SeedInterval).ConfigureAwait(false);
        }
    }

    /// <summary>A node that is alone in its cluster goes over to one that it finds; of two that are alone, the one with the higher address does.</summary>
    private async Task LookForOthersAsync()
    {
        var found = await FindAsync().ConfigureAwait(false);
        var other = found.Find(pair => pair.Cluster.Address != _cluster.SelfAddress
            && (pair.Cluster.Members > 1 || (pair.Cluster.Members == 1 && AddressOrder.Comparer.Compare(_env.Address, pair.Seed) > 0)));
        if (other.Cluster is null || _cluster.State.Members.Count != 1) return;
        _log.ClusterFound(_env.Name, other.Seed);
        _ended.TrySetResult(new IncarnationEnd($"it joins the cluster of {other.Seed}", [], IsRemoval: false));
    }

    private async Task<List<(RpcAddress Seed, FoundCluster Cluster)>> FindAsync()
    {
        var asking = Task.WhenAll([.. _seeds.All.Where(seed => seed != _env.Address).Select(FindAsync)]);
        if (await Task.WhenAny(asking, _ended.Task).ConfigureAwait(false) != asking) return [];
        var found = await asking.ConfigureAwait(false);
        return [.. found.Where(static pair => pair.Cluster is not null).Select(static pair => (pair.Seed, pair.Cluster!))];
    }

    private async Task<(RpcAddress Seed, FoundCluster? Cluster)> FindAsync(RpcAddress seed)
    {
        try
        {
            return (seed, await ClusterAddress.FindAsync(_env, seed, _seeds.Group).ConfigureAwait(false));
        }
        catch (Exception error)
        {
            if (error is not RpcConnectionException { IsRefused: true } && _reported.TryAdd(seed, true)) _log.SeedRefused(_env.Name, seed, error.Message);
            return (seed, null);
        }
    }
}
