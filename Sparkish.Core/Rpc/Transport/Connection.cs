using System.Collections.Concurrent;
using System.Net.Sockets;
using Sparkish.Rpc.Local;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// One message connection with a peer, from the wish to connect until its end: what waits to be sent, what waits to be answered, and the receive
/// loop. It never reconnects; after its end the next message makes a new one. Safe for all threads.
/// </summary>
internal sealed partial class Connection : IDisposable
{
    private readonly TransportContext _context;
    private readonly PeerTable _peers;
    private readonly Outbox _outbox;
    private readonly ConcurrentDictionary<long, PendingAsk> _asks = new();
    private readonly Action<long> _forget;
    private readonly Lock _lock = new();
    private readonly RpcAddress? _dialled;
    private Hello? _hello;
    private Channel? _channel;
    private long _lastId;
    private bool _closed;
    private int _dropping;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Makes a connection that is yet to be made, or one that was accepted from a peer.</summary>
    public Connection(TransportContext context, PeerTable peers, RpcAddress? dialled)
    {
        _context = context;
        _peers = peers;
        _dialled = dialled;
        _outbox = new Outbox(context.Options.MaxOutboxBytes, error => Close(error.Message));
        _forget = id => _asks.TryRemove(id, out _);
    }

    /// <summary>The address that the peer advertises; until the handshake the one that was dialled.</summary>
    public RpcAddress Peer => _hello?.Address ?? _dialled!.Value;

    /// <summary>The addresses by which this env knows the peer.</summary>
    public IEnumerable<RpcAddress> PeerAddresses => _dialled is { } dialled && dialled != Peer ? [dialled, Peer] : [Peer];

    /// <summary>Completes when all that was sent has been given to the system, or the connection has ended.</summary>
    public Task WhenFlushedAsync() => _outbox.WhenIdleAsync();

    /// <summary>Completes when the connection has ended, or could not be made.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Dials the peer, then receives until the connection ends.</summary>
    public async Task ConnectAndRunAsync()
    {
        Channel channel;
        Hello hello;
        try
        {
            (channel, hello) = await Dialler.ConnectAsync(_context, _dialled!.Value, ConnectionKind.Messages, CancellationToken.None).ConfigureAwait(false);
        }
        catch (RpcConnectionException error)
        {
            FailToConnect(error);
            return;
        }

        await RunAsync(channel, hello).ConfigureAwait(false);
    }

    /// <summary>Takes over a channel whose handshake is done and receives until the connection ends.</summary>
    public async Task RunAsync(Channel channel, Hello hello)
    {
        if (!TryOpen(channel, hello)) return;
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

        Close(reason);
        foreach (var address in PeerAddresses) _context.Dispatcher.PostToAll(EnvelopeKind.Disconnected, address);
    }

    /// <summary>Says that no more will be sent; the peer then ends the connection.</summary>
    public void ShutdownSend()
    {
        lock (_lock)
        {
            if (_closed || _channel is null) return;
            try
            {
                _channel.ShutdownSend();
            }
            catch (SocketException error)
            {
                _context.Log.Disconnected(Peer, error.Message); // it ended by itself meanwhile
            }
        }
    }

    /// <summary>Ends the connection: what waits for an answer fails. The first call counts.</summary>
    public void Close(string reason)
    {
        lock (_lock)
        {
            if (_closed) return;
            _closed = true;
        }

        // Out of the table first: whoever then finds the outbox closed looks there again and finds another connection.
        _peers.Remove(this);
        _outbox.Close();
        _channel?.Dispose();
        _context.Log.Disconnected(Peer, reason);
        _ended.TrySetResult();
        FailAsks(new RpcConnectionException($"The connection with {Peer} ended before it answered: {reason}."));
    }

    public void Dispose() => Close("this env has stopped");

    private bool TryOpen(Channel channel, Hello hello)
    {
        lock (_lock)
        {
            if (_closed)
            {
                channel.Dispose();
                return false;
            }

            _channel = channel;
            _hello = hello;
        }

        _context.Log.Connected(hello.Address, hello.EnvName);
        _peers.Adopt(this);
        foreach (var address in PeerAddresses) _context.Dispatcher.PostToAll(EnvelopeKind.Connected, address);
        _outbox.Start(channel);
        return true;
    }

    private void FailToConnect(RpcConnectionException error)
    {
        lock (_lock)
        {
            if (_closed) return;
            _closed = true;
        }

        _peers.Remove(this);
        _outbox.Close();
        _context.Log.CannotConnect(Peer, error.Message);
        _ended.TrySetResult();
        FailAsks(error);
        _context.Dispatcher.PostToAll(EnvelopeKind.NetworkError, Peer, error);
    }

    private void FailAsks(RpcConnectionException error)
    {
        foreach (var (_, ask) in _asks) ask.Fail(error);
    }
}
