using System.Net.Sockets;
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// One message connection with a peer, from the wish to connect until its end: what waits to be sent, what waits to be answered, and the receive
/// loop. A peer that dials at the same time may fulfil the wish with its own channel. It never reconnects; after its end the next message makes a new
/// one. Safe for all threads.
/// </summary>
internal sealed partial class Connection : IDisposable
{
    private readonly TransportContext _context;
    private readonly PeerTable _peers;
    private readonly Outbox _outbox;
    private readonly AskTable _asks = new();
    private readonly RouteTable _routes;
    private readonly InboundTable _inbound;
    private readonly Lock _lock = new();
    private readonly RpcAddress? _dialled;
    private readonly CancellationTokenSource? _dialling;
    private readonly TaskCompletionSource _dialEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ConnectionPhase _phase;
    private Hello? _hello;
    private Channel? _channel;
    private int _dropping;

    private Connection(TransportContext context, PeerTable peers, RpcAddress? dialled, Hello? hello)
    {
        _context = context;
        _peers = peers;
        _dialled = dialled;
        _hello = hello;
        _phase = dialled is null ? ConnectionPhase.Promised : ConnectionPhase.Dialling;
        _dialling = dialled is null ? null : new CancellationTokenSource();
        _outbox = new Outbox(context.Options.MaxOutboxBytes, error => Close(error.Message));
        _routes = new RouteTable(this);
        _inbound = new InboundTable(context.Dispatcher, context.Env);
        _backlog = new Backlog(context.Options.MaxBacklogBytes);
        _unreadable = new LogThrottle(context.Env.Time);
        _lastHeard = _lastSpoke = context.Env.Time.GetTimestamp();
    }

    /// <summary>A connection that is yet to be made.</summary>
    public static Connection ToDial(TransportContext context, PeerTable peers, RpcAddress peer) => new(context, peers, peer, null);

    /// <summary>A connection that a peer makes.</summary>
    public static Connection Accepted(TransportContext context, PeerTable peers, Hello hello) => new(context, peers, null, hello);

    /// <summary>The address that the peer advertises; until the handshake the one that was dialled.</summary>
    public RpcAddress Peer => _hello?.Address ?? _dialled!.Value;

    /// <summary>The addresses by which this env knows the peer.</summary>
    public IEnumerable<RpcAddress> PeerAddresses => _dialled is { } dialled && dialled != Peer ? [dialled, Peer] : [Peer];

    /// <summary>Whether nothing can be sent over it any more.</summary>
    public bool HasEnded => _phase == ConnectionPhase.Closed;

    /// <summary>Whether it stands with the very start of a peer that dials again, which knows it by another name of this env than it dials now.</summary>
    public bool IsKnownByAnotherName(Hello hello)
    {
        lock (_lock)
        {
            var name = _dialled is null ? _hello!.Dialled : _context.Env.Address;
            return _phase is ConnectionPhase.Promised or ConnectionPhase.Open && _hello?.Incarnation == hello.Incarnation && hello.Dialled != name;
        }
    }

    /// <summary>Completes when all that was sent has been given to the system, or the connection has ended.</summary>
    public Task WhenFlushedAsync() => _outbox.WhenIdleAsync();

    /// <summary>Completes when the connection has ended, or could not be made.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Dials the peer after a pause, then receives until the connection ends.</summary>
    public async Task DialAndRunAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, _context.Env.Time, _dialling!.Token).ConfigureAwait(false);
            await DialAsync().ConfigureAwait(false);
        }
        catch (RpcConnectionException error)
        {
            FailToConnect(error);
        }
        catch (DuplicateConnectionException)
        {
            await AwaitPromiseAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_dialling!.IsCancellationRequested)
        {
            // The peer dialled too, and its channel is the one; or this env stops.
        }
    }

    /// <summary>
    /// A peer that dials asks to be the one that makes this connection. If both have gone so far that neither can take it back, our dialling is let
    /// come to its end first: the peer turns it down as it comes, and must not meet it later, when it would look like a new one.
    /// </summary>
    /// <param name="peerWins">Who goes first when both have gone that far.</param>
    /// <returns>Whether its channel is taken; null if this connection stands in its way.</returns>
    public async ValueTask<bool?> TryPromiseAsync(bool peerWins)
    {
        var wasCommitted = false;
        lock (_lock)
        {
            if (_phase is not (ConnectionPhase.Dialling or ConnectionPhase.Committed)) return null;
            wasCommitted = _phase == ConnectionPhase.Committed;
            if (wasCommitted && !peerWins) return false;
            _phase = ConnectionPhase.Promised;
        }

        if (wasCommitted) await _dialEnded.Task.ConfigureAwait(false);
        await _dialling!.CancelAsync().ConfigureAwait(false);
        return _phase == ConnectionPhase.Promised;
    }

    /// <summary>Takes over a channel whose handshake is done and receives until the connection ends.</summary>
    public async Task RunAsync(Channel channel, Hello hello)
    {
        if (!TryOpen(channel, hello))
        {
            channel.Dispose();
            return;
        }

        var reason = "the peer closed it";
        try
        {
            await FrameReceiver.RunAsync(channel, _context.Options.MaxMessageBytes, this).ConfigureAwait(false);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or IOException)
        {
            reason = error.Message;
        }
        catch (Exception error)
        {
            reason = error.Message;
            _context.Log.ConnectionRefused(Peer, error.Message);
        }

        if (_unreadable.Omitted is > 0 and var omitted) _context.Log.UnreadableMessages(Peer, omitted);
        Close(reason);
        foreach (var address in PeerAddresses) _context.Dispatcher.PostToAll(endpoint => endpoint.OnDisconnected(address));
    }

    /// <summary>Says that no more will be sent; the peer then ends the connection.</summary>
    public void ShutdownSend()
    {
        lock (_lock)
        {
            if (_phase != ConnectionPhase.Open) return;
            try
            {
                _channel!.ShutdownSend();
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                _context.Log.Disconnected(Peer, error.Message); // it ended by itself meanwhile
            }
        }
    }

    /// <summary>Ends the connection: what waits for an answer fails. The first call counts.</summary>
    public void Close(string reason)
    {
        if (!TryClose(out var lost)) return;
        _context.Log.Disconnected(Peer, reason);
        if (lost > 0) _context.Log.MessagesDropped(Peer, $"{lost} bytes of them waited to be sent when the connection ended: {reason}");
        _asks.Close(new RpcConnectionException($"The connection with {Peer} ended before it answered: {reason}."));
    }

    public void Dispose() => Close("this env has stopped");

    private async Task DialAsync()
    {
        Channel channel;
        Hello hello;
        try
        {
            (channel, hello) = await Dialler.ConnectAsync(_context, _dialled!.Value, ConnectionKind.Messages, TryCommit, _dialling!.Token).ConfigureAwait(false);
        }
        finally
        {
            _dialEnded.TrySetResult();
        }

        await RunAsync(channel, hello).ConfigureAwait(false);
    }

    private bool TryCommit()
    {
        lock (_lock)
        {
            if (_phase != ConnectionPhase.Dialling) return false;
            _phase = ConnectionPhase.Committed;
            return true;
        }
    }

    private bool TryOpen(Channel channel, Hello hello)
    {
        lock (_lock)
        {
            if (_phase is not (ConnectionPhase.Committed or ConnectionPhase.Promised)) return false;
            _phase = ConnectionPhase.Open;
            _channel = channel;
            _hello = hello;
        }

        _context.Log.Connected(hello.Address, hello.EnvName);
        _lastHeard = _context.Env.Time.GetTimestamp();
        _peers.Adopt(this);
        foreach (var address in PeerAddresses) _context.Dispatcher.PostToAll(endpoint => endpoint.OnConnected(address));
        _outbox.Start(channel);
        return true;
    }

    private bool TryClose(out long lost)
    {
        lost = 0;
        lock (_lock)
        {
            if (_phase == ConnectionPhase.Closed) return false;
            _phase = ConnectionPhase.Closed;
        }

        // Out of the table first: whoever then finds the outbox closed looks there again and finds another connection.
        _peers.Remove(this);
        lost = _outbox.Close();
        _channel?.Dispose();
        _dialling?.Cancel();
        _backlog.Close();
        _ended.TrySetResult();
        return true;
    }

    private void FailToConnect(RpcConnectionException error)
    {
        lock (_lock)
        {
            if (_phase is not (ConnectionPhase.Dialling or ConnectionPhase.Committed)) return; // the peer's own dialling made it
        }

        if (!TryClose(out _)) return;
        _peers.CountFailure(Peer);
        _context.Log.CannotConnect(Peer, error.Message);
        _asks.Close(error);
        var peer = Peer;
        _context.Dispatcher.PostToAll(endpoint => endpoint.OnNetworkError(error, peer));
    }

    /// <summary>The peer has said that its own dialling goes before: its channel is on the way.</summary>
    private async Task AwaitPromiseAsync()
    {
        var waited = _context.Options.ConnectionTimeout;
        if (_phase != ConnectionPhase.Committed) return; // its channel has come already
        try
        {
            await Task.Delay(waited, _context.Env.Time, _dialling!.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        FailToConnect(new RpcConnectionException(
            $"Cannot connect to {Peer}: it prefers a connection that it makes itself, but none came within {AskTimeout.Format(waited)} (spark.rpc.io.connectionTimeout)."));
    }
}
