using System.Security.Cryptography;
using Sparkish.Configuration;
using Sparkish.Diagnostics;
using Sparkish.Rpc.Bulk;
using Sparkish.Rpc.Handshakes;
using Sparkish.Security;

namespace Sparkish.Rpc.Sockets;

/// <summary>
/// Streams over separate sockets, independent of the transport of an env's messages: a listener that serves the env's <see cref="BulkServer"/>, and the
/// requesting side for streams of peers. Handshake, authentication, TLS and limits are those of the network env (<c>spark.authenticate.*</c>,
/// <c>spark.ssl.*</c>, <c>spark.rpc.io.*</c>, <c>spark.network.timeout</c>). Created by envs on other transports. Thread-safe.
/// </summary>
public sealed class BulkSockets : IAsyncDisposable
{
    private readonly ChannelContext _context;
    private readonly BulkServer _served;
    private readonly BulkReceiver _receiver;
    private readonly SocketListener? _listener;
    private readonly CancellationTokenSource? _stopping;
    private int _disposed;

    /// <summary>
    /// Creates the streams of an env whose listener accepts both kinds of connections and passes those for streams to <see cref="ServeAsync"/>.
    /// </summary>
    internal BulkSockets(ChannelContext context, BulkServer served)
    {
        _context = context;
        _served = served;
        _receiver = new BulkReceiver(context);
    }

    private BulkSockets(ChannelContext context, BulkServer served, SocketListener? listener, AdmissionLimits limits, CancellationTokenSource stopping)
        : this(context, served)
    {
        _stopping = stopping;
        _listener = listener;
        if (listener is null) return;
        context.Tasks.Run(new Acceptor(context, listener, new StreamsOnly(this), limits).RunAsync);
        context.Log.BulkListening(context.Self.EnvName, listener.Bound.ToString(), Address);
    }

    /// <summary>The address under which peers open streams of this node; if it does not listen, a generated one with port 0.</summary>
    public RpcAddress Address => _context.Self.Address;

    /// <summary>Starts to serve streams, and to ask for those of peers.</summary>
    /// <param name="options">
    /// The settings of the env: host, port (0 lets the system choose) and advertised address are those of the sockets for streams. Without
    /// <see cref="RpcEnvOptions.Listen"/> streams are only asked for.
    /// </param>
    /// <param name="served">The streams that peers may read.</param>
    /// <exception cref="SparkException">The address cannot be bound, or requires authentication; the message gives the reason and advice.</exception>
    public static BulkSockets Start(RpcEnvOptions options, BulkServer served)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(served);
        var log = GuardedLoggerFactory.Over(options.LoggerFactory).CreateLogger("Sparkish.Rpc");
        var security = SecurityManager.From(options.Conf, log, options.Keyring);
        SocketListener? listener = null;
        try
        {
            listener = options.Listen ? SocketListener.Bind(options, security) : null;
            var self = new Hello(ConnectionKind.Bulk, options.Name, SocketListener.AddressOf(listener, options), NewIncarnation(), options.Roles);
            var stopping = new CancellationTokenSource();
            var context = new ChannelContext(self, security, options.Conf.Get(CoreKeys.ConnectionTimeout), options.Conf.Get(CoreKeys.NetworkTimeout),
                options.Time, new OwnedTasks(options.Name, log), log, stopping.Token)
            {
                TakesMessages = false,
            };
            return new BulkSockets(context, served, listener, AdmissionLimits.From(options.Conf), stopping);
        }
        catch
        {
            listener?.Dispose();
            security.Dispose();
            throw;
        }
    }

    /// <summary>Opens a stream that a peer serves at a path, over a pooled or a new connection. Blocks the calling thread, as the reads do.</summary>
    /// <param name="peer">The <see cref="Address"/> of the peer's sockets.</param>
    /// <param name="path">The path of the stream.</param>
    /// <exception cref="RpcConnectionException">The peer cannot be reached or went away.</exception>
    /// <exception cref="BulkNotFoundException">The peer serves nothing under this path, or failed to; the message is the peer's.</exception>
    public BulkStream Open(RpcAddress peer, string path)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        return _receiver.Open(peer, path);
    }

    /// <summary>Closes the listener and all connections; reads of open streams fail. Calling it twice is harmless.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _receiver.Dispose();
        if (_stopping is null) return; // the containing env disposes the rest
        _listener?.Dispose();
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _context.Tasks.WhenAllAsync().ConfigureAwait(false);
        _stopping.Dispose();
        _context.Security.Dispose();
    }

    /// <summary>Serves one connection until its end.</summary>
    internal Task ServeAsync(IChannel channel) => BulkSender.RunAsync(_context, _served, channel);

    private static long NewIncarnation() => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) >>> 2 | 1;

    private sealed class StreamsOnly(BulkSockets sockets) : IConnectionAcceptor
    {
        public ValueTask<Func<IChannel, Task>?> AdmitAsync(PeerIdentity peer) => new(sockets.ServeAsync);
    }
}
