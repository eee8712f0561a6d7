using System.Diagnostics;
using Sparkish.Diagnostics;
using Sparkish.Rpc.Handshakes;
using Sparkish.Rpc.Local;
using Sparkish.Rpc.Transport.Frames;
using Sparkish.Serialization;
using Sparkish.Serialization.Messages;

namespace Sparkish.Rpc.Transport;

/// <summary>The frames received over one open connection, and their effects. The receive loop reads; any thread replies.</summary>
internal sealed class IncomingFrames : IFrameHandler, IInboundConnection
{
    private readonly TransportContext _context;
    private readonly PeerIdentity _peer;
    private readonly Senders _senders;
    private readonly OutgoingFrames _outgoing;
    private readonly KeepAlive _keepAlive;
    private readonly InboundTable _receivers;
    private readonly Backlog _backlog;
    private ActivityContext _trace; // of the frame that is being read
    private volatile BudgetReservation? _large;
    private volatile bool _isClosed;

    public IncomingFrames(TransportContext context, long id, PeerIdentity peer, RpcAddress? dialledAs, OutgoingFrames outgoing, KeepAlive keepAlive)
    {
        _context = context;
        Id = id;
        _peer = peer;
        Identity = peer.ToPeer(dialledAs);
        _senders = Identity.Senders;
        _outgoing = outgoing;
        _keepAlive = keepAlive;
        _receivers = new InboundTable(context, this);
        _backlog = new Backlog(context.Options.MaxUnreadBytes, context.Scheduler.Completions);
    }

    public long Id { get; }

    public RpcAddress Peer => _peer.Hello.Address;

    public RpcPeer Identity { get; }

    /// <summary>Called when the peer has answered a probe, or the connection ends: then without a handshake id.</summary>
#pragma warning disable MA0046 // the waiting callers know the peer
    public event Action<Guid, ProbeResult>? ProbeAnswered;
#pragma warning restore MA0046

    private SerializationContext Values => _context.Types.IsEmpty ? _context.Types.Usual : _context.Types.With(Peer);

    public void SendReply(long id, object? response, bool moreFollow) => _outgoing.SendReply(id, response, moreFollow);

    public void SendFailure(long id, Exception error, bool moreFollow) => _outgoing.SendFailure(id, error, moreFollow);

    /// <summary>Messages to a receiver were handled, or dropped.</summary>
    public void Handled(InboundReceiver receiver, long cost)
    {
        _backlog.Handled(cost);
        if (_peer.GrantsCredit && receiver.Window?.Handled(cost) is > 0 and var total) _outgoing.SendCredit(receiver.Number, total);
    }

    /// <summary>Called when the connection ends: releases the receive loop, and reports the counts.</summary>
    public void Close()
    {
        _isClosed = true;
        _backlog.Close();
        _large?.Release();
        ProbeAnswered?.Invoke(Guid.Empty, ProbeResult.NoAnswer);
    }

    ValueTask IFrameHandler.OnReceivedAsync(int bytes)
    {
        RpcMeter.CountReceived(_context.Env.Name, bytes);
        _keepAlive.Heard();
        var room = _backlog.WhenRoomAsync();
        return room.IsCompletedSuccessfully ? ValueTask.CompletedTask : PauseAsync(room.AsTask());
    }

    bool IFrameHandler.TryGrow(int bytes) => _context.Budget.TryGrow(bytes);

    void IFrameHandler.Shrink(int bytes) => _context.Budget.Shrink(bytes);

    async ValueTask<bool> IFrameHandler.ReserveAsync(int bytes)
    {
        var reservation = _context.Budget.Reserve(bytes, _context.Env);
        _large = reservation;
        if (_isClosed) reservation.Release();
        if (!reservation.Decided.IsCompleted) await PauseAsync(reservation.Decided).ConfigureAwait(false);
        return await reservation.Decided.ConfigureAwait(false);
    }

    void IFrameHandler.EndReservation()
    {
        _large?.Release();
        _large = null;
    }

    void IFrameHandler.OnFrame(ReadOnlySpan<byte> frame)
    {
        var reader = new ByteReader(frame, Values);
        switch ((FrameKind)reader.ReadByte())
        {
            case FrameKind.Send: OnSend(ref reader, frame); break;
            case FrameKind.Ask: OnAsk(ref reader, frame); break;
            case FrameKind.Reply: OnReply(ref reader, frame); break;
            case FrameKind.Failure: OnFailure(ref reader); break;
            case FrameKind.NotFound: OnNotFound(ref reader, frame); break;
            case FrameKind.Define: OnDefine(ref reader); break;
            case FrameKind.Ping: break;
            case FrameKind.Probe when _peer.AnswersProbes: OnProbe(reader.ReadUnmanaged<Guid>()); break;
            case FrameKind.ProbeAnswer when _peer.AnswersProbes: OnProbeAnswer(ref reader); break;
            case FrameKind.Credit when _peer.GrantsCredit: _outgoing.Routes.Grant(reader.ReadCount(0), reader.ReadUnmanaged<long>()); break;
            case FrameKind.Traced when _peer.TakesTraces: OnTraced(ref reader, frame); break;
            default: throw new RpcConnectionException($"it sent a frame of unknown kind {frame[0]}");
        }
    }

    /// <summary>Nothing is read meanwhile, so the silence is measured from the end of the pause.</summary>
    private async ValueTask PauseAsync(Task room)
    {
        _keepAlive.Pause();
        _context.Log.ReadingPaused(Peer, _context.Options.MaxUnreadBytes);
        await room.ConfigureAwait(false);
        _keepAlive.Resume();
    }

    private void OnProbe(Guid handshake) =>
        _outgoing.SendProbeAnswer(handshake, _context.Channels.Handshakes.IsOwn(handshake) ? ProbeResult.Own : ProbeResult.Foreign);

    private void OnProbeAnswer(ref ByteReader reader)
    {
        var handshake = reader.ReadUnmanaged<Guid>();
        ProbeAnswered?.Invoke(handshake, reader.ReadByte() == (byte)ProbeResult.Own ? ProbeResult.Own : ProbeResult.Foreign);
    }

    private void OnDefine(ref ByteReader reader)
    {
        var receiver = _receivers.Define(ref reader);
        if (_peer.GrantsCredit && receiver.Window!.FirstGrant() is > 0 and var total) _outgoing.SendCredit(receiver.Number, total);
    }

    private void OnTraced(ref ByteReader reader, ReadOnlySpan<byte> frame)
    {
        _trace = TraceContext.Read(ref reader);
        switch ((FrameKind)reader.ReadByte())
        {
            case FrameKind.Send: OnSend(ref reader, frame); break;
            case FrameKind.Ask: OnAsk(ref reader, frame); break;
            default: throw new RpcConnectionException("it sent a span context with a frame that is not a message");
        }

        _trace = default;
    }

    private bool Post(InboundReceiver receiver, Envelope envelope, object message) => receiver.Endpoint.Post(
        RpcTracing.IsOn && !RouteTable.IsUrgent(receiver.Endpoint.Name) ? RpcTracing.Wrap(receiver.Endpoint, envelope, message, _trace) : envelope);

    private void OnSend(ref ByteReader reader, ReadOnlySpan<byte> frame)
    {
        var cost = ReceiveWindow.CostOf(frame.Length);
        var receiver = Receiver(ref reader, cost);
        object? message;
        try
        {
            message = _context.Format.Read(ref reader, _senders) ?? throw new SerializationException("A message is null.");
        }
        catch (Exception error)
        {
            ReportUnreadable(receiver.Endpoint, error);
            receiver.Handled(cost);
            return;
        }

        _context.Observer?.Received(Peer, FrameKind.Send, receiver.Endpoint.Name, message, frame);
        if (Post(receiver, new InboundSend(receiver, cost, message), message)) return;
        _context.Dispatcher.ReportUndelivered(message, receiver.Endpoint.Name, Peer);
        receiver.Handled(cost);
    }

    private void OnAsk(ref ByteReader reader, ReadOnlySpan<byte> frame)
    {
        var cost = ReceiveWindow.CostOf(frame.Length);
        var id = reader.ReadUnmanaged<long>();
        var receiver = Receiver(ref reader, cost);
        object? message;
        try
        {
            message = _context.Format.Read(ref reader, _senders) ?? throw new SerializationException("A message is null.");
        }
        catch (Exception error)
        {
            ReportUnreadable(receiver.Endpoint, error);
            var isThere = _context.Dispatcher.Find(receiver.Endpoint.Name, receiver.Endpoint.Incarnation) is not null;
            receiver.Handled(cost);
            // the types of a terminated endpoint may be gone
            SendFailure(id, isThere ? error : _context.Dispatcher.NotFound(receiver.Endpoint), moreFollow: true);
            return;
        }

        _context.Observer?.Received(Peer, FrameKind.Ask, receiver.Endpoint.Name, message, frame);
        if (Post(receiver, new InboundAsk(receiver, cost, id, message), message)) return;
        receiver.Handled(cost);
        SendFailure(id, _context.Dispatcher.NotFound(receiver.Endpoint), moreFollow: true);
    }

    /// <summary>Reads the receiver of a message and counts the message as waiting.</summary>
    /// <exception cref="RpcConnectionException">The peer exceeded its credit.</exception>
    private InboundReceiver Receiver(ref ByteReader reader, int cost)
    {
        var receiver = _receivers.Read(ref reader);
        _backlog.Add(cost);
        if (_peer.GrantsCredit && receiver.Window?.TryReceive(cost, _context.Options.MaxMessageBytes) == false)
            throw new RpcConnectionException($"it sends more to endpoint '{receiver.Endpoint.Name}' than it was granted");
        if (!_context.Types.IsEmpty) reader.Context = _context.Types.From(Peer, receiver.Endpoint.Name);
        return receiver;
    }

    private void OnReply(ref ByteReader reader, ReadOnlySpan<byte> frame)
    {
        if (TakeAsk(ref reader, out var use) is not { } ask) return;
        object? reply;
        try
        {
            reply = _context.Format.Read(ref reader, _senders, ask);
        }
        catch (Exception error)
        {
            ask.Answer(use, null, Unreadable(ask, error));
            return;
        }

        _context.Observer?.Received(Peer, FrameKind.Reply, ask.Receiver.Name, reply, frame);
        // A watch lasts as long as the connection on which it was agreed.
        ask.Answer(use, ask.Receiver.Name == EndpointWatcher.EndpointName ? new OverConnection(Id, reply) : reply, null);
    }

    private void OnFailure(ref ByteReader reader)
    {
        if (TakeAsk(ref reader, out var use) is not { } ask) return;
        Exception failure;
        try
        {
            failure = RemoteFailure.Read(ref reader).ToException();
        }
        catch (Exception error)
        {
            failure = Unreadable(ask, error);
        }

        _context.Observer?.Received(Peer, FrameKind.Failure, ask.Receiver.Name, failure, default); // its stack differs from machine to machine
        ask.Answer(use, null, failure);
    }

    private void OnNotFound(ref ByteReader reader, ReadOnlySpan<byte> frame)
    {
        if (TakeAsk(ref reader, out var use) is not { } ask) return;
        var asked = new RpcEndpointAddress(ask.Receiver.Address, ask.Receiver.Name);
        Exception failure;
        try
        {
            failure = new EndpointNotFoundException(RemoteFailure.ReadAddress(ref reader, asked));
        }
        catch (Exception error)
        {
            failure = Unreadable(ask, error);
        }

        _context.Observer?.Received(Peer, FrameKind.NotFound, ask.Receiver.Name, null, frame);
        ask.Answer(use, null, failure);
    }

    private static SparkException Unreadable(PendingAsk ask, Exception error) =>
        new($"The reply of {ask.Receiver} cannot be read: {ExceptionText.MessageOf(error)}", error);

    private void ReportUnreadable(LocalEndpointRef receiver, Exception error) => _context.Env.DeadLetters.Report(
        new DeadLetter(DeadLetterReason.Unreadable, _context.Env.Address)
        {
            Endpoint = receiver.Name,
            Sender = Peer,
            Description = ExceptionText.MessageOf(error)
        });

    private PendingAsk? TakeAsk(ref ByteReader reader, out int use)
    {
        var id = reader.ReadUnmanaged<long>();
        var ask = _outgoing.Asks.TryTake(id, out use);
        if (ask is null) _context.Dispatcher.ReportLateReply(null, Peer);
        return ask;
    }
}
