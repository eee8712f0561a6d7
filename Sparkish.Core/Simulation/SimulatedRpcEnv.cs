using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;
using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Transport;
using Sparkish.Rpc.Transport.Frames;
using Sparkish.Security;

namespace Sparkish.Simulation;

/// <summary>
/// An env of a simulated node. Endpoints, supervision, watches and the whole transport are the real ones; channel, listener, clock, threads and faults are the
/// simulation's. Streams are read at once from their server, since they block their reader, and a simulation has only one thread.
/// </summary>
internal sealed class SimulatedRpcEnv : TransportRpcEnv, IFrameObserver
{
    private readonly SecurityManager _security;

    public SimulatedRpcEnv(SimulatedProcess process, RpcEnvOptions options, RpcAddress address)
        : base(options with { Time = process.Time }, TransportOptions.From(options.Conf), process.Scheduler, process.Node.NextIncarnation())
    {
        Process = process;
        Address = address;
        _security = SecurityManager.From(options.Conf, Log, options.Keyring);
        var nonces = process.Node.NewRandom();
        var context = new TransportContext
        {
            Env = this,
            Options = Transport,
            Channels = NewChannelContext(options, _security) with { NewNonce = () => Nonce(nonces) },
            Format = new MessageFormat(options.Messages),
            Dialler = new SimulatedDialler(process),
            Dials = options.Dials,
            Budget = new TransportBudget(Transport.MaxBufferBytes),
            Observer = this,
        };
        Listener = options.Listen ? new SimulatedListener(process) : null;
        StartTransport(context, Listener, AdmissionLimits.From(options.Conf));
    }

    public override RpcAddress Address { get; }

    public SimulatedProcess Process { get; }

    /// <summary>The listener; null for an env that does not listen.</summary>
    public SimulatedListener? Listener { get; }

    public override bool IsKilled => Process.IsDead;

    private SimulatedCluster Cluster => Process.Node.Cluster;

    public override Random NewRandom() => Process.Node.NewRandom();

    public override BulkStream OpenBulk(RpcAddress peer, string path)
    {
        CheckThread();
        if (Cluster.Network.Host(peer.Host) is not { } host || Cluster.IsCut(Process.Node, host) || host.IsPaused || host.Listening(peer.Port) is not { } env)
            throw new RpcConnectionException($"Cannot connect to {peer}: it is unreachable.");
        using var content = env.Bulk.Open(path);
        return SimulatedBulkStream.CopyOf(content);
    }

    /// <summary>Asks and advances virtual time until the reply has arrived.</summary>
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

    void IFrameObserver.Received(RpcAddress peer, FrameKind kind, string receiver, object? message, ReadOnlySpan<byte> frame)
    {
        if (message is not null) Process.Node.MessagesReceived++;
        Cluster.Trace.Add(Cluster.NowTicks, Process.Node.Name, "hears from", peer.Host, message is null
            ? $"{kind} for {receiver}"
            : $"{message.GetType().Name} for {receiver}", SimulationTrace.HashOf(frame));
    }

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

    protected override async Task CloseAsync()
    {
        Process.Envs.Remove(this);
        await base.CloseAsync().ConfigureAwait(false);
        _security.Dispose();
    }

    private static byte[] Nonce(Random random)
    {
        var nonce = new byte[HandshakeFormat.NonceBytes];
        random.NextBytes(nonce);
        return nonce;
    }
}
