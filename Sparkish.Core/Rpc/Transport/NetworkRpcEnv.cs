using System.Security.Cryptography;
using Sparkish.Rpc.Bulk;
using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Local;
using Sparkish.Rpc.Sockets;
using Sparkish.Rpc.Transport.Frames;
using Sparkish.Security;

namespace Sparkish.Rpc.Transport;

/// <summary>An env over TCP: one listener for message and bulk connections.</summary>
internal sealed class NetworkRpcEnv : TransportRpcEnv
{
    private readonly SecurityManager _security;
    private readonly BulkSockets _bulk;

    public NetworkRpcEnv(RpcEnvOptions options)
        : base(options, TransportOptions.From(options.Conf), PoolScheduler.Instance, NewIncarnation())
    {
        _security = SecurityManager.From(options.Conf, Log, options.Keyring);
        var listener = options.Listen ? SocketListener.Bind(options, _security) : null;
        Address = SocketListener.AddressOf(listener, options);
        var channels = NewChannelContext(options, _security);
        _bulk = new BulkSockets(channels, Bulk);
        Bulk.Register(ForeignTransports.Prefix, new ForeignTransports(Log));
        var context = new TransportContext
        {
            Env = this,
            Options = Transport,
            Channels = channels,
            Format = new MessageFormat(options.Messages),
            Dialler = new SocketDialler(_security),
            Dials = options.Dials,
            Budget = new TransportBudget(Transport.MaxBufferBytes),
            Thread = TransportThread.Instance,
        };
        StartTransport(context, listener, AdmissionLimits.From(options.Conf));
        if (listener is not null) Log.Listening(Name, listener.Bound.ToString(), Address);
    }

    public override RpcAddress Address { get; }

    public override Random NewRandom() => new(RandomNumberGenerator.GetInt32(int.MaxValue));

    public override BulkStream OpenBulk(RpcAddress peer, string path) => _bulk.Open(peer, path);

    protected override ValueTask<Func<IChannel, Task>?> AdmitAsync(PeerIdentity peer) =>
        peer.Hello.Kind == ConnectionKind.Bulk ? new(_bulk.ServeAsync) : base.AdmitAsync(peer);

    protected override async Task CloseAsync()
    {
        await base.CloseAsync().ConfigureAwait(false);
        await _bulk.DisposeAsync().ConfigureAwait(false);
        _security.Dispose();
    }

    private static long NewIncarnation() => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) >>> 2 | 1;
}
