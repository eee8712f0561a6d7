using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Sparkish.Rpc.Bulk;
using Sparkish.Rpc.Local;
using Sparkish.Security;
using Sparkish.Serialization;

namespace Sparkish.Rpc.Transport;

/// <summary>An env over TCP: one listener, one message connection for each peer, local messages by reference.</summary>
internal sealed class NetworkRpcEnv : RpcEnv, IConnectionAcceptor
{
    private static int _unlistening;

    private readonly ILogger _log;
    private readonly Dispatcher _dispatcher;
    private readonly OwnedTasks _tasks;
    private readonly TransportContext _context;
    private readonly PeerTable _peers;
    private readonly BulkReceiver _bulk;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SecurityManager _security;
    private readonly Listener? _listener;
    private readonly ConcurrentDictionary<ScheduledSend, byte> _scheduled = new();
    private readonly TaskCompletionSource _termination = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _disposed;

    public NetworkRpcEnv(RpcEnvOptions options)
    {
        Name = options.Name;
        Conf = options.Conf;
        Time = options.Time;
        LoggerFactory = options.LoggerFactory;
        Options = TransportOptions.From(options.Conf);
        SerializationContext = new RpcSerializationContext(this) { Types = options.UserTypes };
        _log = LoggerFactory.CreateLogger("Sparkish.Rpc");
        _security = options.Listen ? SecurityManager.From(options.Conf, _log) : SecurityManager.None();
        _dispatcher = new Dispatcher(this, _log);
        _tasks = new OwnedTasks(Name, _log);
        _context = new TransportContext(this, Options, new MessageFormat(options.Messages), _dispatcher, _tasks, _log, _security, options.Roles, _stopping.Token);
        _bulk = new BulkReceiver(_context);
        _peers = new PeerTable(_context);
        _listener = options.Listen ? Listener.Bind(options, _security) : null;
        Address = _listener is null ? MadeUpAddress() : new RpcAddress(Advertised(options), options.AdvertisedPort ?? _listener.Bound.Port);
        if (_listener is null) return;
        SetupEndpoint(EndpointVerifier.EndpointName, new EndpointVerifier(_dispatcher));
        _tasks.Run(() => _listener.RunAsync(_context, this));
        _log.Listening(Name, _listener.Bound.ToString(), Address);
    }

    public override string Name { get; }

    public override RpcAddress Address { get; }

    public override SparkConf Conf { get; }

    public override TimeProvider Time { get; }

    public override ILoggerFactory LoggerFactory { get; }

    public override SerializationContext SerializationContext { get; }

    public override BulkServer Bulk { get; } = new();

    public override Task Termination => _termination.Task;

    internal TransportOptions Options { get; }

    public override RpcEndpointRef SetupEndpoint(string name, RpcEndpoint endpoint)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(endpoint);
        var self = RefTo(new RpcEndpointAddress(Address, name));
        _dispatcher.Register(name, endpoint, self);
        return self;
    }

    public override RpcEndpointRef RefTo(RpcEndpointAddress address) => new NetworkRpcEndpointRef(this, address);

    public override async Task<RpcEndpointRef> SetupEndpointRefAsync(RpcEndpointAddress address, CancellationToken cancellationToken = default)
    {
        var exists = address.Address == Address
            ? _dispatcher.Contains(address.Name)
            : await AskAsync<bool>(address with { Name = EndpointVerifier.EndpointName }, new CheckExistence(address.Name), Options.Lookup, cancellationToken).ConfigureAwait(false);
        return exists ? RefTo(address) : throw new EndpointNotFoundException(address);
    }

    public override void Stop(RpcEndpointRef endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        if (endpoint.Address != Address) throw new ArgumentException($"{endpoint} does not live in RpcEnv '{Name}' at {Address}; only its own env can stop it.", nameof(endpoint));
        _dispatcher.Unregister(endpoint.Name);
    }

    public override IDisposable ScheduleOnce(TimeSpan delay, RpcEndpointRef receiver, object message)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        ArgumentNullException.ThrowIfNull(message);
        var scheduled = new ScheduledSend(receiver, message, _log, ended => _scheduled.TryRemove(ended, out _));
        _scheduled.TryAdd(scheduled, 0);
        scheduled.Start(Time, delay);
        if (Volatile.Read(ref _disposed) != 0) scheduled.Dispose();
        return scheduled;
    }

    public override BulkStream OpenBulk(RpcAddress peer, string path) => _bulk.Open(peer, path);

    public override ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) _ = Task.Run(ShutDownAsync);
        return new ValueTask(_termination.Task);
    }

    internal void Send(RpcEndpointAddress receiver, object message)
    {
        if (receiver.Address == Address)
        {
            _dispatcher.Send(receiver.Name, message);
            return;
        }

        try
        {
            while (!_peers.With(receiver.Address).TrySend(receiver, message))
            {
                // That connection has just ended; the table leads to another one.
            }
        }
        catch (SparkException error) when (error is RpcEnvStoppedException or RpcConnectionException)
        {
            _log.MessagesDropped(receiver.Address, error.Message);
        }
    }

    internal Task<T> AskAsync<T>(RpcEndpointAddress receiver, object message, AskTimeout timeout, CancellationToken cancellationToken)
    {
        var ask = new PendingAsk<T>(receiver);
        ask.Arm(timeout, Time, cancellationToken);
        try
        {
            if (receiver.Address == Address)
            {
                _dispatcher.Ask(receiver.Name, message, new LocalCall(ask, Address));
                return ask.Task;
            }

            while (!_peers.With(receiver.Address).TryAsk(ask, message))
            {
                // That connection has just ended; the table leads to another one.
            }
        }
        catch (Exception error)
        {
            ask.Fail(error);
        }

        return ask.Task;
    }

    Func<Channel, Task>? IConnectionAcceptor.Admit(Hello hello, bool isAuthenticated) => hello.Kind == ConnectionKind.Bulk
        ? channel => BulkSender.RunAsync(_context, Bulk, channel)
        : channel => new Connection(_context, _peers, null).RunAsync(channel, hello);

    internal override void ReportHandlerError(RpcEndpointRef endpoint, Exception error) => _log.HandlerFailed(error, endpoint.Name);

    private static RpcAddress MadeUpAddress() => new($"local-{Environment.ProcessId}-{Interlocked.Increment(ref _unlistening)}", 0);

    private static string Advertised(RpcEnvOptions options)
    {
        if (options.AdvertisedHost is { Length: > 0 } given) return given.Trim('[', ']');
        var isAny = IPAddress.TryParse(options.BindHost, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));
        return isAny ? Dns.GetHostName() : options.BindHost.Trim('[', ']');
    }

    private async Task ShutDownAsync()
    {
        try
        {
            foreach (var (scheduled, _) in _scheduled) scheduled.Dispose();
            await _dispatcher.StopAsync().ConfigureAwait(false);
            _peers.Close();
            _listener?.Dispose();
            await FlushAsync().ConfigureAwait(false);
            await _stopping.CancelAsync().ConfigureAwait(false);
            foreach (var connection in _peers.All) connection.Dispose();
            _bulk.Dispose();
            await _tasks.WhenAllAsync().ConfigureAwait(false);
            _stopping.Dispose();
            _security.Dispose();
            _termination.TrySetResult();
        }
        catch (Exception error)
        {
            _log.BackgroundTaskFailed(error, Name);
            _termination.TrySetException(error);
        }
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
}
