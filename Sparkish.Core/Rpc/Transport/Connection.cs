using System.Net.Sockets;
using Sparkish.Diagnostics;
using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Local;
using Sparkish.Rpc.Transport.Frames;
using Sparkish.Security;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// One message connection with a peer, from the first attempt to connect until its end. It owns the frames to send and the pending asks, and moves through the
/// phases. A peer that dials at the same time may establish it with its own channel. A connection never reconnects; after its end the next message creates a
/// new one. Thread-safe.
/// </summary>
internal sealed class Connection : IDisposable
{
    private static readonly TimeSpan MaxProbeTime = TimeSpan.FromSeconds(2);

    private static long _lastId;

    private readonly TransportContext _context;
    private readonly PeerTable _peers;
    private readonly Outbox _outbox;
    private readonly Lock _lock = new();
    private readonly OneShot _ended;
    private volatile ConnectionPhase _phase;

    private Connection(TransportContext context, PeerTable peers, ConnectionPhase phase)
    {
        _context = context;
        _peers = peers;
        _phase = phase;
        _ended = new OneShot(context.Env);
        _outbox = new Outbox(context, error => Close(error.Message));
        Outgoing = new OutgoingFrames(context, this, _outbox);
        context.Thread?.Add(_outbox);
    }

    /// <summary>Creates a connection to be dialled.</summary>
    public static Connection ToDial(TransportContext context, PeerTable peers, RpcAddress peer) =>
        new(context, peers, new DiallingPhase(peer, new DialAttempt(context.Env)));

    /// <summary>Creates a connection that a peer dialled.</summary>
    public static Connection Accepted(TransportContext context, PeerTable peers, PeerIdentity peer) => new(context, peers, GreetingPhase.OfPeer(peer));

    /// <summary>The unique number of this connection within the process.</summary>
    public long Id { get; } = Interlocked.Increment(ref _lastId);

    /// <summary>The address that the peer advertises; before the handshake, the dialled one.</summary>
    public RpcAddress Peer => _phase.Peer;

    /// <summary>The addresses by which this env knows the peer.</summary>
    public IReadOnlyList<RpcAddress> PeerAddresses => _phase.Addresses;

    /// <summary>Whether nothing can be sent over it any more.</summary>
    public bool HasEnded => _phase is ClosingPhase or ClosedPhase;

    /// <summary>Whether frames go both ways.</summary>
    public bool IsOpen => _phase is OpenPhase;

    /// <summary>Whether the peer supports messages with a trace context; unknown before the connection is open.</summary>
    public bool TakesTraces => _phase is OpenPhase { Identity.TakesTraces: true };

    /// <summary>Number of bytes that wait to be sent, including held ones.</summary>
    public long WaitingBytes => _outbox.WaitingBytes;

    /// <summary>Number of bytes that are held until their receivers grant credit.</summary>
    public long HeldBytes => _outbox.HeldBytes;

    /// <summary>The frames that this env sends over it.</summary>
    public OutgoingFrames Outgoing { get; }

    /// <summary>Completes when all frames have been passed to the system, or the connection has ended.</summary>
    public Task WhenFlushedAsync() => _outbox.WhenIdleAsync();

    /// <summary>Completes when the connection has ended and all endpoints were notified, or when it could not be established.</summary>
    public Task WhenEndedAsync() => _ended.WhenSetAsync();

    /// <summary>Whether it belongs to the same incarnation of a peer that dials again, which knows it by another name of this env than it dials now.</summary>
    public bool IsKnownByAnotherName(Hello hello)
    {
        var (known, isOurs) = _phase switch
        {
            GreetingPhase { IsOurs: false } greeting => (greeting.Hello, false),
            OpenPhase open => (open.Identity.Hello, open.IsOurs),
            _ => default,
        };
        return known is not null && known.Incarnation == hello.Incarnation && hello.Dialled != (isOurs ? _context.Env.Address : known.Dialled);
    }

    /// <summary>
    /// Asks the peer of an open connection whether it makes the handshake that has just completed on another channel, and waits briefly for the answer. Peers
    /// with an earlier version do not support this.
    /// </summary>
    public async ValueTask<ProbeResult> AskAboutAsync(Guid handshake)
    {
        if (_phase is not OpenPhase { Identity.AnswersProbes: true } open) return ProbeResult.NoAnswer;
        var answered = new TaskCompletionSource<ProbeResult>(_context.Scheduler.Completions);
        open.Frames.ProbeAnswered += Answer;
        var patience = TimeSpan.FromTicks(Math.Min(MaxProbeTime.Ticks, _context.Options.ConnectionTimeout.Ticks / 2));
        var timer = _context.Env.Time.CreateTimer(_ => answered.TrySetResult(ProbeResult.Late), null, patience, Timeout.InfiniteTimeSpan);
        await using var stop = timer.ConfigureAwait(false);
        Outgoing.SendProbe(handshake);
        if (HasEnded) answered.TrySetResult(ProbeResult.NoAnswer); // its end calls back, unless it came first
        var result = await answered.Task.ConfigureAwait(false);
        open.Frames.ProbeAnswered -= Answer;
        return HasEnded ? ProbeResult.NoAnswer : result;

        void Answer(Guid about, ProbeResult result)
        {
            if (about == handshake || about == Guid.Empty) answered.TrySetResult(result);
        }
    }

    /// <summary>Whether a peer of the env's own realm may replace this connection without a probe: a peer that proved less cannot keep the address.</summary>
    public bool YieldsTo(PeerIdentity peer) =>
        _phase is OpenPhase open && Realms.IsOfNodes(peer.Realm) && !Realms.IsOfNodes(open.Identity.Realm);

    /// <summary>Set when this env's own dialling has ended after the peer's replaced it; null if nothing was replaced.</summary>
    public OneShot? OwnDiallingEnded => (_phase as GreetingPhase)?.Attempt?.Ended;

    /// <summary>Dials the peer after a pause, then receives until the connection ends.</summary>
    public async Task DialAndRunAsync(TimeSpan pause)
    {
        while (_phase is DiallingPhase dialling)
        {
            try
            {
                await Task.Delay(pause, _context.Env.Time, dialling.Attempt.Cancelled).ConfigureAwait(false);
                await DialAsync(dialling).ConfigureAwait(false);
            }
            catch (RpcConnectionException error)
            {
                FailToConnect(error);
            }
            catch (DuplicateConnectionException)
            {
                pause = _context.Options.ReconnectMinPause;
                if (!TryDialAgain()) await AwaitPromiseAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (dialling.Attempt.Cancelled.IsCancellationRequested)
            {
                // The peer dialled too, and its channel is used; or this env stops.
            }
        }
    }

    /// <summary>
    /// Called when a dialling peer wants to establish this connection. If both sides have passed the point of no return, our dialling is completed first. The
    /// peer rejects it on arrival, and must not meet it later, when it would look like a new one.
    /// </summary>
    /// <param name="peer">The peer.</param>
    /// <param name="peerWins">Whether the peer takes precedence if both have passed that point.</param>
    /// <returns>Whether its channel is accepted; null if this connection prevents that.</returns>
    public async ValueTask<bool?> TryPromiseAsync(PeerIdentity peer, bool peerWins)
    {
        DialAttempt attempt;
        bool wasCommitted;
        lock (_lock)
        {
            switch (_phase)
            {
                case DiallingPhase dialling:
                    (attempt, wasCommitted) = (dialling.Attempt, false);
                    _phase = dialling.Promise(peer);
                    break;
                case GreetingPhase { IsOurs: true, Attempt: { } committed } greeting:
                    if (!peerWins || greeting.IsAccepted) return false;
                    (attempt, wasCommitted) = (committed, true);
                    _phase = greeting.Promise(peer);
                    break;
                // A proof in transit when its process died must not end the connection of the next process.
                case GreetingPhase greeting when greeting.Order > peer.Order:
                case OpenPhase open when open.Identity.Order > peer.Order:
                    return false;
                default:
                    return null;
            }
        }

        if (wasCommitted) await attempt.Ended.WhenSetAsync().ConfigureAwait(false);
        attempt.Cancel();
        return _phase is GreetingPhase { IsOurs: false };
    }

    /// <summary>
    /// Takes over a channel after its handshake and receives until the connection ends. Endpoints are notified of the end of earlier connections with this peer
    /// before they are notified of this one.
    /// </summary>
    public async Task RunAsync(IChannel channel, PeerIdentity peer)
    {
        await _peers.WhenPredecessorsEndedAsync(this).ConfigureAwait(false);
        if (TryOpen(channel, peer) is not { } open)
        {
            channel.Dispose();
            return;
        }

        var failure = await ReceiveAsync(open).ConfigureAwait(false);
        _context.Env.DeadLetters.LogHeldFrom(open.Identity.Hello.Address);
        Close(failure ?? "the peer closed it", hasPeerLeft: failure is null);
        _context.Env.PostConnectionEnded(Id);
        foreach (var address in open.Addresses) _context.Dispatcher.PostToAll(endpoint => endpoint.OnDisconnected(address));
        _peers.Forget(this);
        _ended.Set();
    }

    /// <summary>Announces that no more will be sent; the peer then closes the connection.</summary>
    public void ShutdownSend()
    {
        OpenPhase open;
        lock (_lock)
        {
            if (_phase is not OpenPhase phase) return;
            open = phase;
            _phase = new ClosingPhase(open);
        }

        _peers.Remove(this);
        ReportLost(_outbox.Close(), "this env has stopped", isExpected: false);
        try
        {
            open.Channel.ShutdownSend();
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            _context.Log.Disconnected(Peer, error.Message); // it ended by itself meanwhile
        }
    }

    /// <summary>Called periodically: pings if nothing was sent for the interval, and closes if nothing was received for the timeout.</summary>
    public void Beat()
    {
        if (_phase is not OpenPhase { KeepAlive: var keepAlive }) return;
        if (keepAlive.IsSilent())
            Close($"it sent nothing for {AskTimeout.Format(_context.Options.KeepAliveTimeout)} (spark.rpc.io.keepAliveTimeout)");
        else if (keepAlive.MustPing()) Outgoing.SendPing();
    }

    /// <summary>Ends the connection: pending asks fail. Only the first call has an effect.</summary>
    public void Close(string reason) => Close(reason, hasPeerLeft: false);

    public void Dispose() => Close("this env has stopped");

    /// <summary>The reason why there was no room for a frame.</summary>
    public RpcOutboxFullException Full(AppendResult result) => new(result == AppendResult.NoMemory
        ? $"More than spark.rpc.buffers.maxBytes ({_context.Budget.MaxBytes} bytes) wait to be sent by RpcEnv '{_context.Env.Name}' to all its peers: they read messages too slowly."
        : $"More than spark.rpc.outbox.maxBytes ({_context.Options.MaxOutboxBytes} bytes) wait to be sent to {Peer}: it reads messages too slowly.");

    private void Close(string reason, bool hasPeerLeft)
    {
        if (TryClose(hasPeerLeft) is not { } last) return;
        _context.Log.Disconnected(Peer, reason);
        ReportLost(last.Lost, $"the connection ended before they were sent: {reason}", isExpected: hasPeerLeft);
        Outgoing.Asks.Close(() => new RpcConnectionException($"The connection with {Peer} ended before it answered: {reason}."));
        if (!last.WasOpen) _ended.Set();
    }

    private async Task DialAsync(DiallingPhase dialling)
    {
        IChannel channel;
        PeerIdentity peer;
        try
        {
            (channel, peer) = await Greeting.DialAsync(_context.Channels, _context.Dialler, dialling.Peer, TryCommit, dialling.Attempt.Cancelled)
                .ConfigureAwait(false);
            lock (_lock)
            {
                if (_phase is GreetingPhase greeting) _phase = greeting.Accept();
            }
        }
        finally
        {
            dialling.Attempt.Ended.Set();
        }

        await RunAsync(channel, peer).ConfigureAwait(false);
    }

    private bool TryCommit(Hello hello, long order)
    {
        if (hello.Incarnation == _context.Env.Incarnation)
        {
            throw new RpcConnectionException($"Cannot connect to {Peer}: it is this RpcEnv itself, which listens as {_context.Env.Address}; use that address.")
            {
                IsSelf = true,
            };
        }

        lock (_lock)
        {
            if (_phase is not DiallingPhase dialling) return false;
            _phase = dialling.Commit(hello, order);
        }

        // From here on, a dialling of the peer must find this connection under any dialled name.
        _peers.Claim(hello.Address, this);
        return true;
    }

    /// <summary>
    /// The peer was dialled under another name during a handshake under its own, which the peer prefers. That connection cannot take over the frames that wait
    /// here; the peer accepts this connection once the other one is open.
    /// </summary>
    private bool TryDialAgain()
    {
        lock (_lock)
        {
            if (_phase is not GreetingPhase { IsOurs: true } greeting || _peers.IsClaimedBy(greeting.Peer, this)) return false;
            _phase = new DiallingPhase(greeting.Addresses[0], new DialAttempt(_context.Env));
            return true;
        }
    }

    private OpenPhase? TryOpen(IChannel channel, PeerIdentity peer)
    {
        OpenPhase open;
        lock (_lock)
        {
            if (_phase is not GreetingPhase greeting) return null;
            var keepAlive = new KeepAlive(_context, _outbox, channel);
            var dialledAs = greeting.IsOurs ? greeting.Addresses[0] : (RpcAddress?)null;
            open = greeting.Open(channel, peer, new IncomingFrames(_context, Id, peer, dialledAs, Outgoing, keepAlive), keepAlive);
            _phase = open;
        }

        _context.Log.Connected(peer.Hello.Address, peer.Hello.EnvName);
        if (!peer.GrantsCredit) Outgoing.Routes.LiftWindows();
        _peers.Adopt(this);
        foreach (var address in open.Addresses) _context.Dispatcher.PostToAll(endpoint => endpoint.OnConnected(address));
        _outbox.Start(channel);
        return open;
    }

    /// <returns>The reason why the connection ended; null if the peer closed it.</returns>
    private async Task<string?> ReceiveAsync(OpenPhase open)
    {
        try
        {
            await FrameReceiver.RunAsync(open.Channel, _context.Options.MaxMessageBytes, open.Frames).ConfigureAwait(false);
            return null;
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or IOException)
        {
            return error.Message;
        }
        catch (Exception error)
        {
            var reason = ExceptionText.MessageOf(error);
            _context.Log.ConnectionRefused(Peer, reason);
            return reason;
        }
    }

    private (bool WasOpen, LostFrames Lost)? TryClose(bool hasPeerLeft = false)
    {
        ConnectionPhase last;
        lock (_lock)
        {
            if (_phase is ClosedPhase) return null;
            last = _phase;
            _phase = new ClosedPhase(last.Addresses);
        }

        // Out of the table first: a sender that finds the outbox closed looks there again and finds another connection.
        if (hasPeerLeft) _peers.RemoveLeft(this);
        else _peers.Remove(this);
        var open = last as OpenPhase ?? (last as ClosingPhase)?.Open;
        if (open is null) _peers.Forget(this);
        var lost = _outbox.Close();
        _context.Thread?.Remove(_outbox);
        open?.Channel.Dispose();
        open?.Frames.Close();
        ((last as DiallingPhase)?.Attempt ?? (last as GreetingPhase)?.Attempt)?.Cancel();
        return (open is not null, lost);
    }

    private void FailToConnect(RpcConnectionException error)
    {
        lock (_lock)
        {
            if (_phase is not (DiallingPhase or GreetingPhase { IsOurs: true })) return; // the peer's own dialling established it
        }

        if (TryClose() is not { } last) return;
        var peer = Peer;
        var failures = _peers.CountFailure(PeerAddresses[0]);
        if (failures == 1 && error.InnerException is HandshakeException { IsOfPeer: true }) _context.Log.RefusedByPeer(peer, error.Message);
        else _context.Log.CannotConnect(peer, error.Message);
        Outgoing.Asks.Close(() => new RpcConnectionException(error.Message, error.InnerException) { IsRefused = error.IsRefused, IsSelf = error.IsSelf });
        _context.Dispatcher.PostToAll(endpoint => endpoint.OnNetworkError(error, peer));
        ReportLost(last.Lost, error.Message, isExpected: false);
        _ended.Set();
    }

    /// <summary>The peer has announced that its own dialling takes precedence: its channel is about to arrive.</summary>
    private async Task AwaitPromiseAsync()
    {
        var waited = _context.Options.ConnectionTimeout;
        if (_phase is not GreetingPhase { IsOurs: true, Attempt: { } attempt }) return; // its channel has already arrived
        try
        {
            await Task.Delay(waited, _context.Env.Time, attempt.Cancelled).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        FailToConnect(new RpcConnectionException(
            $"Cannot connect to {Peer}: it prefers to open the connection itself, but did not within {AskTimeout.Format(waited)} (spark.rpc.io.connectionTimeout)."));
    }

    private void ReportLost(LostFrames lost, string reason, bool isExpected)
    {
        if (lost.Messages == 0) return;
        var why = isExpected ? DeadLetterReason.PeerLeft : DeadLetterReason.PeerUnreachable;
        _context.Env.DeadLetters.Report(new DeadLetter(why, Peer) { Count = lost.Messages, Description = reason });
    }
}
