using Sparkish.Rpc.Local;
using Sparkish.Serialization;

namespace Sparkish.Rpc.Transport;

/// <content>The frames: how they are written and what each does on arrival.</content>
internal sealed partial class Connection : IFrameHandler, IInboundConnection
{
    private readonly Backlog _backlog;
    private readonly LogThrottle _unreadable;
    private int _losing;

    /// <summary>Whether the peer has proved who it is.</summary>
    public bool IsAuthenticated => _channel?.IsAuthenticated ?? false;

    /// <summary>What codecs need for what goes to the peer and for its replies.</summary>
    private SerializationContext Values => _context.Types.IsEmpty ? _context.Types.Usual : _context.Types.With(Peer);

    /// <inheritdoc/>
    public void Handled(int bytes) => _backlog.Handled(bytes);

    /// <summary>Sends a message; false when the connection has ended, and then it was not taken.</summary>
    /// <exception cref="SparkException">The message may not cross the wire or is too large.</exception>
    public bool TrySend(RemoteEndpointRef receiver, object message)
    {
        var route = _routes.To(receiver);
        var writer = FrameBuffer.Begin(FrameKind.Send);
        try
        {
            WriteReceiver(writer, route, receiver);
            _context.Format.Write(writer, message, Values);
            // Who has a thread of its own sends on it, so that a busy pool does not hold it up.
            var urgency = DedicatedThread.IsCurrent ? Urgency.Reply : Urgency.Message;
            var result = _outbox.Append(FrameBuffer.Finish(writer, _context.Options.MaxMessageBytes, message, receiver), urgency);
            if (result == AppendResult.Full) Drop();
            else if (result == AppendResult.Added && _dropping != 0) Volatile.Write(ref _dropping, 0);
            return result != AppendResult.Closed;
        }
        finally
        {
            FrameBuffer.End(writer);
        }
    }

    /// <summary>Sends a question; false when the connection has ended, and then it was not taken.</summary>
    /// <exception cref="SparkException">The message may not cross the wire or is too large.</exception>
    public bool TryAsk(RemoteEndpointRef receiver, PendingAsk ask, int use, object message)
    {
        var route = _routes.To(receiver);
        var id = _asks.Add(ask, use);
        if (id == 0) return false;
        ask.KeepAt(_asks, id, use);
        var writer = FrameBuffer.Begin(FrameKind.Ask);
        try
        {
            writer.WriteUnmanaged(id);
            WriteReceiver(writer, route, receiver);
            _context.Format.Write(writer, message, Values);
            var frame = FrameBuffer.Finish(writer, _context.Options.MaxMessageBytes, message, receiver);
            var result = _outbox.Append(frame, _asks.Count <= 1 ? Urgency.LoneAsk : Urgency.Message);
            if (result == AppendResult.Full) throw OutboxFull();
            // The end of the connection fails what is kept; what it has not seen may go another way.
            return result != AppendResult.Closed || _asks.TryTake(id, out _) is null;
        }
        catch
        {
            _asks.Forget(id);
            throw;
        }
        finally
        {
            FrameBuffer.End(writer);
        }
    }

    /// <summary>Answers a question of the peer.</summary>
    /// <exception cref="SparkException">The response may not cross the wire or is too large; the asker has been told.</exception>
    public void SendReply(long id, object? response)
    {
        var writer = FrameBuffer.Begin(FrameKind.Reply);
        try
        {
            writer.WriteUnmanaged(id);
            _context.Format.Write(writer, response, Values);
            Append(FrameBuffer.Finish(writer, _context.Options.MaxMessageBytes, response, null));
        }
        catch (Exception error)
        {
            SendFailure(id, error);
            throw;
        }
        finally
        {
            FrameBuffer.End(writer);
        }
    }

    /// <summary>Fails a question of the peer.</summary>
    public void SendFailure(long id, Exception error)
    {
        var missing = error as EndpointNotFoundException;
        var writer = FrameBuffer.Begin(missing is null ? FrameKind.Failure : FrameKind.NotFound);
        writer.WriteUnmanaged(id);
        if (missing is null) RemoteFailure.From(error).Write(writer);
        else RemoteFailure.WriteAddress(writer, missing.Endpoint);
        Append(FrameBuffer.Finish(writer, int.MaxValue, error, null));
        FrameBuffer.End(writer);
    }

    /// <summary>Sends what the protocol itself needs: the bound of the outbox is not for it.</summary>
    public void AppendAlways(ReadOnlySpan<byte> frame) => _outbox.Append(frame, Urgency.Message, always: true);

    ValueTask IFrameHandler.OnReceivedAsync()
    {
        Volatile.Write(ref _lastHeard, _context.Env.Time.GetTimestamp());
        var room = _backlog.WhenRoomAsync();
        return room.IsCompletedSuccessfully ? ValueTask.CompletedTask : PauseAsync(room);
    }

    void IFrameHandler.OnFrame(ReadOnlySpan<byte> frame)
    {
        var reader = new ByteReader(frame, Values);
        switch ((FrameKind)reader.ReadByte())
        {
            case FrameKind.Send: OnSend(ref reader, frame.Length); break;
            case FrameKind.Ask: OnAsk(ref reader, frame.Length); break;
            case FrameKind.Reply: OnReply(ref reader); break;
            case FrameKind.Failure: OnFailure(ref reader); break;
            case FrameKind.NotFound: OnNotFound(ref reader); break;
            case FrameKind.Define: _inbound.Define(ref reader); break;
            case FrameKind.Ping: break;
            default: throw new RpcConnectionException($"a frame of the unknown kind {frame[0]} came");
        }
    }

    private void OnSend(ref ByteReader reader, int bytes)
    {
        var receiver = _inbound.Read(ref reader);
        if (!_context.Types.IsEmpty) reader.Context = _context.Types.From(Peer, receiver.Name);
        object? message;
        try
        {
            message = _context.Format.Read(ref reader) ?? throw new SerializationException("A message is null.");
        }
        catch (Exception error)
        {
            ReportUnreadable(receiver, error);
            return;
        }

        if (receiver.Post(new InboundSend(this, bytes, message))) _backlog.Add(bytes);
        else _context.Dispatcher.ReportUndelivered(message, receiver.Name);
    }

    private void OnAsk(ref ByteReader reader, int bytes)
    {
        var id = reader.ReadUnmanaged<long>();
        var receiver = _inbound.Read(ref reader);
        if (!_context.Types.IsEmpty) reader.Context = _context.Types.From(Peer, receiver.Name);
        object? message;
        try
        {
            message = _context.Format.Read(ref reader) ?? throw new SerializationException("A message is null.");
        }
        catch (Exception error)
        {
            ReportUnreadable(receiver, error);
            var isThere = _context.Dispatcher.Find(receiver.Name, receiver.Incarnation) is not null;
            SendFailure(id, isThere ? error : _context.Dispatcher.NotFound(receiver)); // of an endpoint that has gone the types have gone too
            return;
        }

        var ask = new InboundAsk(this, bytes, id, message);
        if (receiver.Post(ask)) _backlog.Add(bytes);
        else ask.TrySendFailure(_context.Dispatcher.NotFound(receiver));
    }

    private void OnReply(ref ByteReader reader)
    {
        if (TakeAsk(ref reader, out var use) is not { } ask) return;
        object? reply;
        try
        {
            reply = _context.Format.Read(ref reader);
        }
        catch (Exception error)
        {
            ask.Answer(use, null, Unreadable(ask, error));
            return;
        }

        ask.Answer(use, reply, null);
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

        ask.Answer(use, null, failure);
    }

    private void OnNotFound(ref ByteReader reader)
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

        ask.Answer(use, null, failure);
    }

    private static SparkException Unreadable(PendingAsk ask, Exception error) => new($"The reply of {ask.Receiver} cannot be read: {error.Message}", error);

    /// <summary>One line for many: a peer that sends nothing else must not fill the log.</summary>
    private void ReportUnreadable(LocalEndpointRef receiver, Exception error)
    {
        if (!_unreadable.TryPass(out var omitted)) return;
        if (omitted > 0) _context.Log.UnreadableMessages(Peer, omitted);
        _context.Log.UnreadableMessage(Peer, receiver.Name, error.Message);
    }

    private PendingAsk? TakeAsk(ref ByteReader reader, out int use)
    {
        var id = reader.ReadUnmanaged<long>();
        var ask = _asks.TryTake(id, out use);
        if (ask is null) _context.Log.ReplyIgnored(Peer, id);
        return ask;
    }

    private static void WriteReceiver(ByteWriter writer, Route route, RemoteEndpointRef receiver)
    {
        writer.WriteCount(route.Number);
        if (route.Number == 0) RouteTable.WriteName(writer, receiver);
    }

    private void Append(ReadOnlySpan<byte> answer)
    {
        switch (_outbox.Append(answer, Urgency.Reply))
        {
            case AppendResult.Full when Interlocked.Exchange(ref _losing, 1) == 0: _context.Log.ReplyLost(Peer, OutboxFull().Message); break;
            case AppendResult.Full: break; // one report until replies get through again
            case AppendResult.Added when _losing != 0: Volatile.Write(ref _losing, 0); break;
            case AppendResult.Closed: break; // the asker knows: its asks failed when the connection ended
        }
    }

    private void Drop()
    {
        if (Interlocked.Exchange(ref _dropping, 1) != 0) return; // one report until messages get through again
        var error = OutboxFull();
        var peer = Peer;
        _context.Log.MessagesDropped(peer, error.Message);
        _context.Dispatcher.PostToAll(endpoint => endpoint.OnNetworkError(error, peer));
    }

    private RpcOutboxFullException OutboxFull() =>
        new($"More than spark.rpc.outbox.maxBytes ({_context.Options.MaxOutboxBytes} bytes) wait to be sent to {Peer}: it takes messages too slowly.");
}
