using Sparkish.Rpc.Local;
using Sparkish.Rpc.Transport.Frames;
using Sparkish.Serialization;

namespace Sparkish.Rpc.Transport;

/// <summary>The frames that this env sends over one connection: messages, asks and replies. Thread-safe.</summary>
internal sealed class OutgoingFrames(TransportContext context, Connection connection, Outbox outbox)
{
    private readonly AskTable _asks = new();
    private readonly RouteTable _routes = new(connection, outbox);
    private int _lostReplies;

    /// <summary>The asks that wait for a reply of the peer.</summary>
    public AskTable Asks => _asks;

    /// <summary>The receivers at the peer.</summary>
    public RouteTable Routes => _routes;

    /// <summary>The context of values sent to the peer and of its replies.</summary>
    private SerializationContext Values => context.Types.IsEmpty ? context.Types.Usual : context.Types.With(connection.Peer);

    /// <summary>Sends a message.</summary>
    /// <exception cref="SparkException">The message may not cross the wire or is too large.</exception>
    public AppendResult Send(RemoteEndpointRef receiver, object message)
    {
        var route = _routes.To(receiver);
        var writer = Begin(FrameKind.Send);
        try
        {
            WriteReceiver(writer, route, receiver);
            context.Format.Write(writer, message, Values);
            // An endpoint with its own thread sends on it, so that a busy pool does not delay its messages.
            var departure = DedicatedThread.IsCurrent ? Departure.EndOfTurn : Departure.Soon;
            return outbox.Append(FrameBuffer.FinishMessage(writer, context.Options.MaxMessageBytes, message, receiver),
                new Postage(departure, route.IsUrgent, IsMessage: true), route.Window);
        }
        finally
        {
            FrameBuffer.End(writer);
        }
    }

    /// <summary>Sends an ask. It is kept until it is answered, cancelled, or the connection ends.</summary>
    /// <exception cref="SparkException">The message may not cross the wire or is too large.</exception>
    public AppendResult Ask(RemoteEndpointRef receiver, PendingAsk ask, int use, object message)
    {
        var route = _routes.To(receiver);
        var id = _asks.Add(ask, use);
        if (id == 0) return AppendResult.Closed;
        ask.KeepAt(_asks, id, use);
        var writer = Begin(FrameKind.Ask);
        try
        {
            writer.WriteUnmanaged(id);
            WriteReceiver(writer, route, receiver);
            context.Format.Write(writer, message, Values);
            var frame = FrameBuffer.FinishMessage(writer, context.Options.MaxMessageBytes, message, receiver);
            var result = outbox.Append(frame, PostageOf(route, message), route.Window);
            if (result is AppendResult.Full or AppendResult.NoMemory) _asks.Forget(id);
            // The end of the connection fails the kept asks; one that it has not seen may use another connection.
            return result == AppendResult.Closed && _asks.TryTake(id, out _) is null ? AppendResult.Added : result;
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

    /// <summary>Replies to an ask of the peer.</summary>
    /// <exception cref="SparkException">The response may not cross the wire or is too large; the asker has received the error.</exception>
    public void SendReply(long id, object? response, bool moreFollow)
    {
        var writer = FrameBuffer.Begin(FrameKind.Reply);
        try
        {
            writer.WriteUnmanaged(id);
            context.Format.Write(writer, response, Values);
            Answer(id, FrameBuffer.Finish(writer, context.Options.MaxMessageBytes, response, null), moreFollow);
        }
        catch (Exception error)
        {
            SendFailure(id, error, moreFollow);
            throw;
        }
        finally
        {
            FrameBuffer.End(writer);
        }
    }

    /// <summary>Fails a question of the peer.</summary>
    public void SendFailure(long id, Exception error, bool moreFollow)
    {
        var missing = error as EndpointNotFoundException;
        var writer = FrameBuffer.Begin(missing is null ? FrameKind.Failure : FrameKind.NotFound);
        writer.WriteUnmanaged(id);
        if (missing is null) RemoteFailure.From(error).Write(writer);
        else RemoteFailure.WriteAddress(writer, missing.Endpoint);
        Answer(id, FrameBuffer.Finish(writer, int.MaxValue, error, null), moreFollow);
        FrameBuffer.End(writer);
    }

    /// <summary>Grants the peer credit: the total that it may send to one of this env's endpoints.</summary>
    public void SendCredit(int receiver, long total)
    {
        var writer = FrameBuffer.Begin(FrameKind.Credit);
        writer.WriteCount(receiver);
        writer.WriteUnmanaged(total);
        outbox.Append(FrameBuffer.Finish(writer, int.MaxValue, null, null), new Postage(Departure.Soon, IsUrgent: true, Always: true));
        FrameBuffer.End(writer);
    }

    /// <summary>Sends a keep-alive, at once.</summary>
    public void SendPing() => SendAtOnce(FrameBuffer.Begin(FrameKind.Ping));

    /// <summary>Asks the peer whether it makes a handshake.</summary>
    public void SendProbe(Guid handshake)
    {
        var writer = FrameBuffer.Begin(FrameKind.Probe);
        writer.WriteUnmanaged(handshake);
        SendAtOnce(writer);
    }

    /// <summary>Answers a probe of the peer.</summary>
    public void SendProbeAnswer(Guid handshake, ProbeResult result)
    {
        var writer = FrameBuffer.Begin(FrameKind.ProbeAnswer);
        writer.WriteUnmanaged(handshake);
        writer.WriteByte((byte)result);
        SendAtOnce(writer);
    }

    private void SendAtOnce(ByteWriter writer)
    {
        outbox.Append(FrameBuffer.Finish(writer, int.MaxValue, null, null), new Postage(Departure.Now, IsUrgent: true, Always: true));
        FrameBuffer.End(writer);
    }

    private Postage PostageOf(Route route, object message)
    {
        var departure = _asks.Count <= 1 ? Departure.Now : Departure.Soon;
        // A watcher is notified of a termination after everything that the endpoint has sent.
        return message is WatchedEndpointStopped ? new Postage(departure, IsBarrier: true) : new Postage(departure, route.IsUrgent);
    }

    /// <summary>Sends a reply. If there is no room for it, the asker receives an error, since it would otherwise wait for its timeout.</summary>
    private void Answer(long id, ReadOnlySpan<byte> frame, bool moreFollow)
    {
        var postage = new Postage(moreFollow ? Departure.EndOfTurn : Departure.Now, IsUrgent: true);
        var result = outbox.Append(frame, postage);
        if (result is AppendResult.Added or AppendResult.Closed) // the asker knows of the end: its asks failed with the connection
        {
            if (_lostReplies != 0) Volatile.Write(ref _lostReplies, 0);
            return;
        }

        var full = connection.Full(result);
        if (Interlocked.Exchange(ref _lostReplies, 1) == 0) context.Log.ReplyLost(connection.Peer, full.Message); // one report until replies get through again
        var writer = FrameBuffer.Begin(FrameKind.Failure);
        writer.WriteUnmanaged(id);
        RemoteFailure.From(full).Write(writer);
        outbox.Append(FrameBuffer.Finish(writer, int.MaxValue, null, null), postage with { Always = true });
        FrameBuffer.End(writer);
    }

    /// <summary>Begins a message, with the trace context of the caller if there is a listener.</summary>
    private ByteWriter Begin(FrameKind kind) => RpcTracing.IsOn ? BeginTraced(kind) : FrameBuffer.Begin(kind);

    private ByteWriter BeginTraced(FrameKind kind)
    {
        var current = RpcTracing.Current;
        if (current == default || !connection.TakesTraces) return FrameBuffer.Begin(kind);
        var writer = FrameBuffer.Begin(FrameKind.Traced);
        TraceContext.Write(writer, current);
        writer.WriteByte((byte)kind);
        return writer;
    }

    private static void WriteReceiver(ByteWriter writer, Route route, RemoteEndpointRef receiver)
    {
        writer.WriteCount(route.Number);
        if (route.Number == 0) RouteTable.WriteName(writer, receiver);
    }
}
