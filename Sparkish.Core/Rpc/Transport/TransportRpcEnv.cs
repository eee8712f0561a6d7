using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Local;
using Sparkish.Security;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// An env over the transport: one message connection per peer, local messages by reference. The derived env supplies the wire (sockets, or a simulated network)
/// in its constructor and then calls <see cref="StartTransport"/>.
/// </summary>
internal abstract class TransportRpcEnv : NodeRpcEnv, IConnectionAcceptor
{
    private readonly CancellationTokenSource _stopping = new();
    private PeerTable _peers = null!;
    private IChannelListener? _listener;

    protected TransportRpcEnv(RpcEnvOptions options, TransportOptions transport, TurnScheduler scheduler, long incarnation)
        : base(options, transport.Ask, scheduler, incarnation)
    {
        Transport = transport;
        Tasks = new OwnedTasks(Name, Log, Begin, scheduler.Completions);
    }

    /// <summary>The settings of the transport.</summary>
    public TransportOptions Transport { get; }

    private OwnedTasks Tasks { get; }

    protected sealed override AskTimeout LookupTimeout => Transport.Lookup;

    public sealed override bool IsConnected(long connection) => _peers.IsLive(connection);

    public sealed override ConnectionsUsage MeasureConnections()
    {
        var usage = default(ConnectionsUsage);
        foreach (var connection in _peers.All)
            usage = new ConnectionsUsage(
                usage.Open + (connection.IsOpen ? 1 : 0), usage.WaitingBytes + connection.WaitingBytes, usage.HeldBytes + connection.HeldBytes);
        return usage;
    }

    public sealed override void SendRemote(RemoteEndpointRef receiver, object message)
    {
        try
        {
            Connection connection;
            AppendResult result;
            do
            {
                connection = ConnectionFor(receiver);
                result = connection.Outgoing.Send(receiver, message);
            }
            while (result == AppendResult.Closed); // it has just ended; the table leads to another one

            if (result != AppendResult.Added) ReportFull(connection, result, receiver, message);
        }
        catch (SparkException error) when (error is RpcEnvStoppedException or RpcConnectionException)
        {
            var reason = error switch
            {
                RpcEnvStoppedException => DeadLetterReason.EnvStopped,
                RpcConnectionException { HasLeft: true } => DeadLetterReason.PeerLeft,
                _ => DeadLetterReason.PeerUnreachable,
            };
            var letter = new DeadLetter(reason, receiver.Address) { Endpoint = receiver.Name, Message = message, Description = error.Message };
            DeadLetters.Report(letter, reason is DeadLetterReason.PeerLeft ? null : error); // endpoints know of it by OnDisconnected
        }
    }

    public sealed override void AskRemote(RemoteEndpointRef receiver, object message, PendingAsk ask, int use)
    {
        Connection connection;
        AppendResult result;
        do
        {
            connection = ConnectionFor(receiver);
            result = connection.Outgoing.Ask(receiver, ask, use, message);
        }
        while (result == AppendResult.Closed); // it has just ended; the table leads to another one

        if (result != AppendResult.Added) throw connection.Full(result);
    }

    /// <summary>The shared state of the env's channels; its address must be known.</summary>
    protected ChannelContext NewChannelContext(RpcEnvOptions options, SecurityManager security) => new(
        new Hello(ConnectionKind.Messages, Name, Address, Incarnation, options.Roles), security,
            Transport.ConnectionTimeout, Transport.NetworkTimeout, Time, Tasks, Log, _stopping.Token);

    ValueTask<Func<IChannel, Task>?> IConnectionAcceptor.AdmitAsync(PeerIdentity peer) => AdmitAsync(peer);

    /// <summary>Accepts an authenticated peer.</summary>
    protected virtual ValueTask<Func<IChannel, Task>?> AdmitAsync(PeerIdentity peer) => _peers.AdmitAsync(peer);

    /// <summary>Starts to accept and to dial; called once, at the end of construction.</summary>
    /// <param name="context">The shared state of the connections.</param>
    /// <param name="listener">The listener; null for an env that does not listen.</param>
    /// <param name="limits">The limits of unauthenticated connections.</param>
    protected void StartTransport(TransportContext context, IChannelListener? listener, AdmissionLimits limits)
    {
        _listener = listener;
        _peers = new PeerTable(context);
        SetupSystemEndpoints();
        if (listener is not null) Tasks.Run(new Acceptor(context.Channels, listener, this, limits).RunAsync);
    }

    protected override async Task CloseAsync()
    {
        _peers.Close();
        _listener?.Dispose();
        await FlushAsync().ConfigureAwait(false);
#pragma warning disable VSTHRD103 // CancelAsync would continue on a pool thread, which a simulation does not have
        _stopping.Cancel();
#pragma warning restore VSTHRD103
        _peers.Dispose();
        await Tasks.WhenAllAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private void ReportFull(Connection connection, AppendResult result, RemoteEndpointRef receiver, object message)
    {
        var error = connection.Full(result);
        DeadLetters.Report(
            new DeadLetter(DeadLetterReason.OutboxFull, connection.Peer) { Endpoint = receiver.Name, Message = message, Description = error.Message }, error);
    }

    private Connection ConnectionFor(RemoteEndpointRef receiver) =>
        receiver.Route is Route { Connection: { HasEnded: false } connection } ? connection : _peers.With(receiver.Address);

    /// <summary>Lets sent frames reach their peers: closing a socket with unread bytes would discard those that the peer has not read.</summary>
    private async Task FlushAsync()
    {
        var connections = _peers.All;
        using var moment = new CancellationTokenSource(TransportOptions.FlushTime, Time);
        var flushed = Task.WhenAll(connections.Select(static connection => connection.WhenFlushedAsync()));
        await flushed.WaitAsync(moment.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var connection in connections) connection.ShutdownSend();
        var ended = Task.WhenAll(connections.Select(static connection => connection.WhenEndedAsync()));
        await ended.WaitAsync(moment.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
