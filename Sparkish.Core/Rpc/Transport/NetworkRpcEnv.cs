using System.Security.Cryptography;
using Sparkish.Rpc.Bulk;
using Sparkish.Rpc.Local;
using Sparkish.Security;

namespace Sparkish.Rpc.Transport;

/// <summary>An env over TCP: one listener, one message connection for each peer, local messages by reference.</summary>
internal sealed class NetworkRpcEnv : NodeRpcEnv, IConnectionAcceptor
{
    private readonly OwnedTasks _tasks;
    private readonly TransportContext _context;
    private readonly PeerTable _peers;
    private readonly SocketContext _sockets;
    private readonly BulkSockets _bulk;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SecurityManager _security;
    private readonly Listener? _listener;
    private readonly ITimer _keepAlive;
    private readonly TransportOptions _options;

    public NetworkRpcEnv(RpcEnvOptions options)
        : this(options, TransportOptions.From(options.Conf))
    {
    }

    private NetworkRpcEnv(RpcEnvOptions options, TransportOptions transport)
        : base(options, transport.Ask, PoolScheduler.Instance, NewIncarnation())
    {
        _options = transport;
        _tasks = new OwnedTasks(Name, Log);
        _security = SecurityManager.From(options.Conf, Log);
        _listener = options.Listen ? Listener.Bind(options, _security) : null;
        Address = Listener.AddressOf(_listener, options);
        _context = new TransportContext(this, transport, new MessageFormat(options.Messages), Dispatcher, _tasks, Log, _security, options.Roles, _stopping.Token);
        _sockets = new SocketContext(_context.Hello(ConnectionKind.Bulk), _security, transport.ConnectionTimeout, transport.NetworkTimeout, Time, _tasks, Log, _stopping.Token);
        _bulk = new BulkSockets(_sockets, Bulk);
        _peers = new PeerTable(_context);
        SetupSystemEndpoints();
        var beat = transport.KeepAliveInterval / 2;
        _keepAlive = Time.CreateTimer(static state => ((NetworkRpcEnv)state!).KeepAlive(), this, beat, beat);
        if (_listener is null) return;
        _tasks.Run(() => _listener.RunAsync(_sockets, this));
        Log.Listening(Name, _listener.Bound.ToString(), Address);
    }

    public override RpcAddress Address { get; }

    protected override AskTimeout LookupTimeout => _options.Lookup;

    public override Random NewRandom() => new(RandomNumberGenerator.GetInt32(int.MaxValue));

    public override BulkStream OpenBulk(RpcAddress peer, string path) => _bulk.Open(peer, path);

    public override void SendRemote(RemoteEndpointRef receiver, object message)
    {
        try
        {
            while (!ConnectionFor(receiver).TrySend(receiver, message))
            {
                // That connection has just ended; the table leads to another one.
            }
        }
        catch (SparkException error) when (error is RpcEnvStoppedException or RpcConnectionException)
        {
            Log.MessagesDropped(receiver.Address, error.Message);
        }
    }

    public override void AskRemote(RemoteEndpointRef receiver, object message, PendingAsk ask, int use)
    {
        while (!ConnectionFor(receiver).TryAsk(receiver, ask, use, message))
        {
            // That connection has just ended; the table leads to another one.
        }
    }

    ValueTask<Func<Channel, Task>?> IConnectionAcceptor.AdmitAsync(Hello hello, bool isAuthenticated) => hello.Kind == ConnectionKind.Bulk
        ? new(_bulk.ServeAsync)
        : _peers.AdmitAsync(hello);

    protected override async Task CloseAsync()
    {
        _peers.Close();
        _listener?.Dispose();
        await FlushAsync().ConfigureAwait(false);
        await _keepAlive.DisposeAsync().ConfigureAwait(false);
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (var connection in _peers.All) connection.Dispose();
        await _bulk.DisposeAsync().ConfigureAwait(false);
        await _tasks.WhenAllAsync().ConfigureAwait(false);
        _stopping.Dispose();
        _security.Dispose();
    }

    private Connection ConnectionFor(RemoteEndpointRef receiver) =>
        receiver.Route is Route { Connection: { HasEnded: false } connection } ? connection : _peers.With(receiver.Address);

    private void KeepAlive()
    {
        foreach (var connection in _peers.All) connection.KeepAlive(Time, _options.KeepAliveInterval, _options.KeepAliveTimeout);
    }

    /// <summary>Lets what was sent reach its peers: a socket closed with bytes unread on it would take back what the peer has not read yet.</summary>
    private async Task FlushAsync()
    {
        var connections = _peers.All;
        using var moment = new CancellationTokenSource(TransportOptions.FlushTime, Time);
        var flushed = Task.WhenAll(connections.Select(connection => connection.WhenFlushedAsync()));
        await flushed.WaitAsync(moment.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var connection in connections) connection.ShutdownSend();
        var ended = Task.WhenAll(connections.Select(connection => connection.Ended));
        await ended.WaitAsync(moment.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static long NewIncarnation() => BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) >>> 2 | 1;
}
