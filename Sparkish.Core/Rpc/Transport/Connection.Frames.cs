using Sparkish.Rpc.Local;
using Sparkish.Serialization;

namespace Sparkish.Rpc.Transport;

/// <content>The frames: how they are written and what each does on arrival.</content>
internal sealed partial class Connection : IFrameHandler
{
    /// <summary>Sends a message; false when the connection has ended, and then it was not taken.</summary>
    /// <exception cref="SparkException">The message may not cross the wire or is too large.</exception>
    public bool TrySend(RpcEndpointAddress receiver, object message)
    {
        var writer = FrameBuffer.Begin(FrameKind.Send);
        try
        {
            writer.WriteString(receiver.Name);
            _context.Format.Write(writer, message, _context.Env.SerializationContext);
            var result = _outbox.Append(FrameBuffer.Finish(writer, _context.Options.MaxMessageBytes, message, receiver), Urgency.Message);
            if (result == AppendResult.Full) Drop();
            else if (result == AppendResult.Added) Volatile.Write(ref _dropping, 0);
            return result != AppendResult.Closed;
        }
        finally
        {
            FrameBuffer.End(writer);
        }
    }

    /// <summary>Sends a question; false when the connection has ended, and then it was not taken.</summary>
    /// <exception cref="SparkException">The message may not cross the wire or is too large.</exception>
    public bool TryAsk(PendingAsk ask, object message)
    {
        var id = Interlocked.Increment(ref _lastId);
        var writer = FrameBuffer.Begin(FrameKind.Ask);
        try
        {
            writer.WriteUnmanaged(id);
            writer.WriteString(ask.Receiver.Name);
            _context.Format.Write(writer, message, _context.Env.SerializationContext);
            var frame = FrameBuffer.Finish(writer, _context.Options.MaxMessageBytes, message, ask.Receiver);
            ask.KeptAs(id, _forget);
            _asks.TryAdd(id, ask);
            if (ask.HasEnded) _asks.TryRemove(id, out _); // given up before it was kept
            var result = _outbox.Append(frame, _asks.Count <= 1 ? Urgency.LoneAsk : Urgency.Message);
            if (result == AppendResult.Full) ask.Fail(OutboxFull());
            // The end of the connection fails what is kept; what it has not seen may go another way.
            return result != AppendResult.Closed || !_asks.TryRemove(id, out _);
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
            _context.Format.Write(writer, response, _context.Env.SerializationContext);
            Append(FrameBuffer.Finish(writer, _context.Options.MaxMessageBytes, response, new RpcEndpointAddress(Peer, "reply")));
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
        Append(FrameBuffer.Finish(writer, int.MaxValue, error, default));
        FrameBuffer.End(writer);
    }

    void IFrameHandler.OnFrame(ReadOnlySpan<byte> frame)
    {
        var reader = new ByteReader(frame, _context.Env.SerializationContext);
        switch ((FrameKind)reader.ReadByte())
        {
            case FrameKind.Send: OnSend(ref reader); break;
            case FrameKind.Ask: OnAsk(ref reader); break;
            case FrameKind.Reply: OnReply(ref reader); break;
            case FrameKind.Failure: OnFailure(ref reader); break;
            case FrameKind.NotFound: OnNotFound(ref reader); break;
            default: throw new RpcConnectionException($"a frame of the unknown kind {frame[0]} came");
        }
    }

    private void OnSend(ref ByteReader reader)
    {
        var receiver = reader.ReadString() ?? "";
        object? message;
        try
        {
            message = _context.Format.Read(ref reader) ?? throw new SerializationException("A message is null.");
        }
        catch (Exception error)
        {
            _context.Log.UnreadableMessage(Peer, receiver, error.Message);
            return;
        }

        _context.Dispatcher.Send(receiver, message);
    }

    private void OnAsk(ref ByteReader reader)
    {
        var call = new RemoteCall(this, reader.ReadUnmanaged<long>());
        var receiver = reader.ReadString() ?? "";
        object? message;
        try
        {
            message = _context.Format.Read(ref reader) ?? throw new SerializationException("A message is null.");
        }
        catch (Exception error)
        {
            _context.Log.UnreadableMessage(Peer, receiver, error.Message);
            call.TrySendFailure(error);
            return;
        }

        _context.Dispatcher.Ask(receiver, message, call);
    }

    private void OnReply(ref ByteReader reader)
    {
        if (!TryTakeAsk(ref reader, out var ask)) return;
        object? reply;
        try
        {
            reply = _context.Format.Read(ref reader);
        }
        catch (Exception error)
        {
            ask.Fail(new SparkException($"The reply of {ask.Receiver} cannot be read: {error.Message}", error));
            return;
        }

        ask.Complete(reply);
    }

    private void OnFailure(ref ByteReader reader)
    {
        if (TryTakeAsk(ref reader, out var ask)) ask.Fail(RemoteFailure.Read(ref reader).ToException());
    }

    private void OnNotFound(ref ByteReader reader)
    {
        if (TryTakeAsk(ref reader, out var ask)) ask.Fail(new EndpointNotFoundException(RemoteFailure.ReadAddress(ref reader, ask.Receiver)));
    }

    private bool TryTakeAsk(ref ByteReader reader, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out PendingAsk? ask)
    {
        var id = reader.ReadUnmanaged<long>();
        if (_asks.TryRemove(id, out ask)) return true;
        _context.Log.ReplyIgnored(Peer, id);
        return false;
    }

    private void Append(ReadOnlySpan<byte> answer)
    {
        switch (_outbox.Append(answer, Urgency.Reply))
        {
            case AppendResult.Full: _context.Log.ReplyLost(Peer, OutboxFull().Message); break;
            case AppendResult.Closed: break; // the asker knows: its asks failed when the connection ended
        }
    }

    private void Drop()
    {
        if (Interlocked.Exchange(ref _dropping, 1) != 0) return; // one report until messages get through again
        var error = OutboxFull();
        _context.Log.MessagesDropped(Peer, error.Message);
        _context.Dispatcher.PostToAll(EnvelopeKind.NetworkError, Peer, error);
    }

    private RpcConnectionException OutboxFull() =>
        new($"More than spark.rpc.outbox.maxBytes ({_context.Options.MaxOutboxBytes} bytes) wait to be sent to {Peer}: it takes messages too slowly.");
}
