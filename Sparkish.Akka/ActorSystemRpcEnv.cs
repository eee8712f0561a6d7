using System.Security.Cryptography;
using Akka.Actor;
using Sparkish.Akka.Actors;
using Sparkish.Akka.Channels;
using Sparkish.Akka.Configuration;
using Sparkish.Akka.Membership;
using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;
using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Local;
using Sparkish.Rpc.Sockets;
using Sparkish.Rpc.Transport;
using Sparkish.Rpc.Transport.Frames;
using Sparkish.Security;

namespace Sparkish.Akka;

/// <summary>
/// An env on Akka.NET. Each endpoint runs on an actor, and Akka.Remote carries the transport's channels between nodes; what the transport says on them,
/// handshake included, is the same as over sockets and in simulation. Streams have sockets beside, whose address is the env's.
/// </summary>
internal sealed class ActorSystemRpcEnv : TransportRpcEnv, IClusterHost
{
    private const string GateName = "sparkish-gate";

    private readonly RpcEnvOptions _options;
    private readonly SecurityManager _security;
    private readonly BulkSockets _streams;
    private readonly TlsIdentity _tls;
    private readonly Lazy<RpcEndpointRef> _remoteEndpoints;
    private IAkkaMembershipSession? _membership;
    private int _isClosing;

    public ActorSystemRpcEnv(RpcEnvOptions options, ActorSystem? system) : this(options, system, new LateRefusal())
    {
    }

    private ActorSystemRpcEnv(RpcEnvOptions options, ActorSystem? system, LateRefusal refusal)
        : base(options, TransportOptions.From(options.Conf), new EndpointActors(refusal.Refuse), NewIncarnation())
    {
        refusal.Env = this;
        (_options, OwnsSystem) = (options, system is null);
        _remoteEndpoints = new Lazy<RpcEndpointRef>(() => SetupEndpoint(RemoteEndpoints.EndpointName, new RemoteEndpoints(System!)));
        _security = SecurityManager.From(options.Conf, Log, options.Keyring);
        _tls = _security.Tls ?? TlsIdentity.Ephemeral();
        try
        {
            _streams = BulkSockets.Start(options with { LoggerFactory = LoggerFactory }, Bulk);
            Address = _streams.Address;
            System = system is null ? ActorSystems.Start(options, Address, _security, LoggerFactory) : ActorSystems.Check(system, Log);
            ((EndpointActors)Scheduler).System = System;
        }
        catch
        {
            Release();
            throw;
        }

        var listener = options.Listen ? new AkkaListener(_security, _tls) : null;
        Action<AkkaChannel>? accept = listener is null ? null : listener.Accept;
        Gate = ActorNames.Start(System, Props.Create(() => new GateActor(accept)), GateName);
        var gatePath = Gate.Path.ToSerializationFormatWithAddress(SystemAddress.Of(System));
        if (listener is not null)
        {
            Bulk.Register(ForeignTransports.Prefix, new GateAddress(gatePath));
            Bulk.Register(ClusterAddress.Prefix, ClusterAddress);
        }

        var context = new TransportContext
        {
            Env = this,
            Options = Transport,
            Channels = NewChannelContext(options, _security),
            Format = new MessageFormat(options.Messages),
            Dialler = new AkkaDialler(System, Gate, _security, _tls, OpenGateStreamAsync),
            Dials = options.Dials,
            Budget = new TransportBudget(Transport.MaxBufferBytes),
            Thread = TransportThread.Instance,
        };
        StartTransport(context, listener, AdmissionLimits.From(options.Conf));
        System.RegisterOnTermination(OnSystemEnded);
        Log.ActorSystemStarted(Name, SystemAddress.Of(System).ToString());
    }

    public override RpcAddress Address { get; }

    /// <summary>Where the channels of other nodes arrive.</summary>
    public IActorRef Gate { get; }

    /// <summary>The actor system that it runs on.</summary>
    public ActorSystem System { get; }

    /// <summary>Whether it has started that system, and ends it.</summary>
    public bool OwnsSystem { get; }

    /// <summary>Tells peers where the actor system is that this env has for its cluster.</summary>
    public ClusterAddress ClusterAddress { get; } = new();

    /// <summary>The actor system of its membership by Akka.Cluster; null if it has none.</summary>
    public ActorSystem? ClusterSystem => Volatile.Read(ref _membership)?.System;

    public override Random NewRandom() => new(RandomNumberGenerator.GetInt32(int.MaxValue));

    public override BulkStream OpenBulk(RpcAddress peer, string path) => _streams.Open(peer, path);

    /// <summary>Gives an endpoint as an actor.</summary>
    public IActorRef ToActorRef(RpcEndpointRef endpoint)
    {
        if (endpoint.Address != Address) return ToStandIn(endpoint);
        var inbox = Dispatcher.Find(endpoint.Name, endpoint.Incarnation)
            ?? throw new EndpointNotFoundException(new RpcEndpointAddress(endpoint.Address, endpoint.Name));
        return new EndpointActorRef(endpoint, (IInternalActorRef)((EndpointTurns)inbox.Turns).Actor, () => Stop(inbox.Self));
    }

    /// <summary>Starts an actor system for a cluster, beside the env's own.</summary>
    /// <exception cref="SparkException">It cannot listen, or may not.</exception>
    public ActorSystem StartClusterSystem(IReadOnlyList<string> roles) => ActorSystems.StartCluster(_options, Address, _security, LoggerFactory, roles);

    /// <summary>Waits for a membership when it stops.</summary>
    public void Attach(IAkkaMembershipSession membership) => Volatile.Write(ref _membership, membership);

    protected override async Task CloseAsync()
    {
        Interlocked.Exchange(ref _isClosing, 1);
        await base.CloseAsync().ConfigureAwait(false);
        if (Volatile.Read(ref _membership) is { } membership) await membership.EndedAsync().ConfigureAwait(false);
        await _streams.DisposeAsync().ConfigureAwait(false);
        if (OwnsSystem) await System.Terminate().ConfigureAwait(false);
        else System.Stop(Gate);
        ReleaseKeys();
    }

    private EndpointActorRef ToStandIn(RpcEndpointRef endpoint)
    {
        var actor = System.ActorOf(Props.Create(() => new StandInActor()));
        _remoteEndpoints.Value.Send(new RemoteEndpoints.Follow(endpoint, actor));
        return new EndpointActorRef(endpoint, (IInternalActorRef)actor, () => System.Stop(actor));
    }

    private Task<Stream> OpenGateStreamAsync(RpcAddress peer, CancellationToken cancellationToken) =>
        RunBlockingAsync<Stream>(() => _streams.Open(peer, $"{ForeignTransports.Prefix}/{GateAddress.Name}")).WaitAsync(cancellationToken);

    private void OnSystemEnded()
    {
        if (Interlocked.Exchange(ref _isClosing, 1) != 0) return;
        Log.ActorSystemEnded(System.Name, Name);
        Begin(async () => await DisposeAsync().ConfigureAwait(false));
    }

    private void Release()
    {
        if (_streams is not null) Blocking.Wait(_streams.DisposeAsync().AsTask());
        ReleaseKeys();
    }

    private void ReleaseKeys()
    {
        if (_security.Tls is null) _tls.Dispose();
        _security.Dispose();
    }

    private static long NewIncarnation() => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) >>> 2 | 1;

    /// <summary>Reports messages to an endpoint's actor that its inbox did not send. Actors need it before the env is there.</summary>
    private sealed class LateRefusal
    {
        public ActorSystemRpcEnv? Env { get; set; }

        public void Refuse(string endpoint, object message) => Env?.DeadLetters.Report(new DeadLetter(DeadLetterReason.Unreadable, Env.Address)
        {
            Endpoint = endpoint,
            Message = message,
            Description = "it was told to the endpoint's actor itself, which cannot know from where; tell it to the ref that AkkaRpcEnv.ToActorRef gives",
        });
    }
}
