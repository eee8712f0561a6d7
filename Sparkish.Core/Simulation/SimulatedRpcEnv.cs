using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;
using Sparkish.Rpc.Local;
using Sparkish.Rpc.Transport;
using Sparkish.Security;

namespace Sparkish.Simulation;

/// <summary>An env of a simulated node: endpoints, supervision and watches are the real ones; threads, clock and network are the simulation's.</summary>
internal sealed class SimulatedRpcEnv : NodeRpcEnv
{
    public SimulatedRpcEnv(SimulatedProcess process, RpcEnvOptions options, RpcAddress address)
        : base(options with { Time = process.Time }, TransportOptions.From(options.Conf).Ask, process.Scheduler, process.Node.NextIncarnation())
    {
        Process = process;
        Options = TransportOptions.From(options.Conf);
        Address = address;
        Format = new MessageFormat(options.Messages);
        Hello = new Hello(ConnectionKind.Messages, Name, address, Incarnation, options.Roles);
        using var security = SecurityManager.From(options.Conf, Log);
        Secret = security.Secret is { } secret ? Convert.ToHexString(secret.Prove(ProofSide.Client, 1, [])) : null;
        Peers = new SimulatedPeers(this);
        SetupSystemEndpoints();
    }

    public override RpcAddress Address { get; }

    public SimulatedProcess Process { get; }

    public SimulatedCluster Cluster => Process.Node.Cluster;

    public TransportOptions Options { get; }

    public MessageFormat Format { get; }

    public Hello Hello { get; }

    /// <summary>A proof of what peers must know too; null where nothing needs to be proved.</summary>
    public string? Secret { get; }

    public SimulatedPeers Peers { get; }

    public override bool IsKilled => Process.IsDead;

    protected override AskTimeout LookupTimeout => Options.Lookup;

    public override Random NewRandom() => Process.Node.NewRandom();

    public override BulkStream OpenBulk(RpcAddress peer, string path)
    {
        CheckThread();
        if (Cluster.Network.Host(peer.Host) is not { } host || Cluster.IsCut(Process.Node, host) || host.IsPaused || host.Listening(peer.Port) is not { } env)
            throw new RpcConnectionException($"Cannot connect to {peer}: it cannot be reached.");
        using var content = env.Bulk.Open(path);
        return SimulatedBulkStream.CopyOf(content);
    }

    public override void SendRemote(RemoteEndpointRef receiver, object message)
    {
        try
        {
            Peers.With(receiver.Address).SendMessage(receiver, message);
        }
        catch (SparkException error) when (error is RpcEnvStoppedException or RpcConnectionException)
        {
            Log.MessagesDropped(receiver.Address, error.Message);
        }
    }

    public override void AskRemote(RemoteEndpointRef receiver, object message, PendingAsk ask, int use) => Peers.With(receiver.Address).Ask(receiver, ask, use, message);

    /// <summary>Asks and lets virtual time pass until the reply is there.</summary>
    public override T WaitFor<T>(Func<ValueTask<T>> ask)
    {
        RefuseInHandler();
        var answer = ask().AsTask();
        Cluster.RunUntil(() => answer.IsCompleted, SimulatedCluster.Patience);
        return Blocking.Wait(answer);
    }

    /// <summary>Refuses another thread than the simulation's, and calls into a process that was killed.</summary>
    public override void CheckThread()
    {
        Cluster.CheckThread();
        if (IsKilled) throw new RpcEnvStoppedException(Name);
    }

    /// <summary>Runs an action after a delay of this node's clock.</summary>
    public ITimer After(TimeSpan delay, Action action) => Time.CreateTimer(static action => ((Action)action!)(), action, delay, Timeout.InfiniteTimeSpan);

    public void ReportCannotConnect(RpcAddress peer, RpcConnectionException error)
    {
        Log.CannotConnect(peer, error.Message);
        Cluster.Trace.Add(Cluster.NowTicks, Process.Node.Name, "cannot reach", peer.ToString());
        Dispatcher.PostToAll(endpoint => endpoint.OnNetworkError(error, peer));
    }

    public void ReportOutboxFull(RpcAddress peer, RpcOutboxFullException error)
    {
        Log.MessagesDropped(peer, error.Message);
        Dispatcher.PostToAll(endpoint => endpoint.OnNetworkError(error, peer));
    }

    public void ReportDisconnected(RpcAddress peer, string reason) => Log.Disconnected(peer, reason);

    public void ReportUnreadable(RpcAddress peer, string endpoint, Exception error) => Log.UnreadableMessage(peer, endpoint, error.Message);

    public void ReportReplyLost(RpcAddress peer, RpcOutboxFullException error) => Log.ReplyLost(peer, error.Message);

    protected internal override Task<T> RunBlockingAsync<T>(Func<T> work)
    {
        try
        {
            return Task.FromResult(work());
        }
        catch (Exception error)
        {
            return Task.FromException<T>(error);
        }
    }

    protected override void Begin(Func<Task> work) => _ = work(); // it reports its own failure

    /// <summary>What was sent goes first, as it does over a socket that is closed; what waits for a connection in the making has a moment to go.</summary>
    protected override async Task CloseAsync()
    {
        Peers.IsClosed = true;
        Process.Envs.Remove(this);
        using var moment = new CancellationTokenSource(TransportOptions.FlushTime, Time);
        var settled = Task.WhenAll(Peers.All.Select(connection => connection.Settled));
        await settled.WaitAsync(moment.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var connection in Peers.All.ToList()) connection.Close("this env has stopped");
    }
}
