using Sparkish.Rpc;
using Sparkish.Rpc.Local;
using Sparkish.Rpc.Transport;
using Sparkish.Serialization;

namespace Sparkish.Simulation;

/// <content>The frames: how they are written and what each does on arrival. Messages cross as bytes, as on the network.</content>
internal sealed partial class SimulatedConnection : IInboundConnection
{
    private readonly ByteWriter _writer = new();
    private long _unhandled;
    private bool _isPaused;

    /// <summary>Whether the peer has proved who it is.</summary>
    public bool IsAuthenticated => _env.Secret is not null;

    /// <summary>Sends a message; drops it with a report when too much waits already.</summary>
    /// <exception cref="SparkException">The message may not cross the wire or is too large.</exception>
    public void SendMessage(RemoteEndpointRef receiver, object message)
    {
        var writer = Begin(FrameKind.Send);
        RouteTable.WriteName(writer, receiver);
        _env.Format.Write(writer, message, _env.SerializationContext);
        if (!TryAppend(Finish(writer, message, receiver.ToString, receiver.Name)))
            _env.ReportOutboxFull(Peer, OutboxFull());
    }

    /// <summary>Sends a question.</summary>
    /// <exception cref="SparkException">The message may not cross the wire or is too large, or too much waits already.</exception>
    public void Ask(RemoteEndpointRef receiver, PendingAsk ask, int use, object message)
    {
        var id = _asks.Add(ask, use);
        ask.KeepAt(_asks, id, use);
        try
        {
            var writer = Begin(FrameKind.Ask);
            writer.WriteUnmanaged(id);
            RouteTable.WriteName(writer, receiver);
            _env.Format.Write(writer, message, _env.SerializationContext);
            if (!TryAppend(Finish(writer, message, receiver.ToString, receiver.Name))) throw OutboxFull();
        }
        catch
        {
            _asks.Forget(id);
            throw;
        }
    }

    /// <summary>Answers a question of the peer.</summary>
    /// <exception cref="SparkException">The response may not cross the wire or is too large; the asker has been told.</exception>
    public void SendReply(long id, object? response)
    {
        if (HasEnded) return; // the asker knows: its asks failed when the connection ended
        try
        {
            var writer = Begin(FrameKind.Reply);
            writer.WriteUnmanaged(id);
            _env.Format.Write(writer, response, _env.SerializationContext);
            Answer(Finish(writer, response, static () => "an asker", "an asker"));
        }
        catch (Exception error)
        {
            SendFailure(id, error);
            throw;
        }
    }

    /// <summary>Fails a question of the peer.</summary>
    public void SendFailure(long id, Exception error)
    {
        if (HasEnded) return;
        var missing = error as EndpointNotFoundException;
        var writer = Begin(missing is null ? FrameKind.Failure : FrameKind.NotFound);
        writer.WriteUnmanaged(id);
        var failure = RemoteFailure.From(error);
        if (missing is not null) RemoteFailure.WriteAddress(writer, missing.Endpoint);
        else failure.Write(writer);
        var bytes = writer.ToArray();
        var stable = missing is null ? bytes.Length - SizeOf(failure.Stack) : bytes.Length;
        Answer(new Segment(SegmentKind.Data, bytes, stable, error.GetType().Name, "an asker"));
    }

    public void OnFrame(byte[] frame)
    {
        _lastHeard = _env.Time.GetTimestamp();
        var reader = new ByteReader(frame, _env.SerializationContext);
        switch ((FrameKind)reader.ReadByte())
        {
            case FrameKind.Send: OnSend(ref reader, frame.Length); break;
            case FrameKind.Ask: OnAsk(ref reader, frame.Length); break;
            case FrameKind.Reply: OnReply(ref reader); break;
            case FrameKind.Failure: OnFailure(ref reader); break;
            case FrameKind.NotFound: OnNotFound(ref reader); break;
        }
    }

    /// <summary>What came from the peer was handled, or refused: it may send more.</summary>
    public void Handled(int bytes)
    {
        _unhandled -= bytes;
        if (!_isPaused || _unhandled > _env.Options.MaxBacklogBytes / 2) return;
        _isPaused = false;
        _end!.Other.Outgoing.Unblock();
    }

    private void OnSend(ref ByteReader reader, int bytes)
    {
        var receiver = ReadReceiver(ref reader);
        object message;
        try
        {
            message = _env.Format.Read(ref reader) ?? throw new SerializationException("A message is null.");
        }
        catch (Exception error)
        {
            _env.ReportUnreadable(Peer, receiver.Name, error);
            return;
        }

        if (receiver.Post(new InboundSend(this, bytes, message))) Added(bytes);
        else _env.Dispatcher.ReportUndelivered(message, receiver.Name);
    }

    private void OnAsk(ref ByteReader reader, int bytes)
    {
        var id = reader.ReadUnmanaged<long>();
        var receiver = ReadReceiver(ref reader);
        object message;
        try
        {
            message = _env.Format.Read(ref reader) ?? throw new SerializationException("A message is null.");
        }
        catch (Exception error)
        {
            _env.ReportUnreadable(Peer, receiver.Name, error);
            SendFailure(id, error);
            return;
        }

        var ask = new InboundAsk(this, bytes, id, message);
        if (receiver.Post(ask)) Added(bytes);
        else ask.TrySendFailure(_env.Dispatcher.NotFound(receiver));
    }

    private void OnReply(ref ByteReader reader)
    {
        if (_asks.TryTake(reader.ReadUnmanaged<long>(), out var use) is not { } ask) return; // given up before
        object? reply;
        try
        {
            reply = _env.Format.Read(ref reader);
        }
        catch (Exception error)
        {
            ask.Answer(use, null, new SparkException($"The reply of {ask.Receiver} cannot be read: {error.Message}", error));
            return;
        }

        ask.Answer(use, reply, null);
    }

    private void OnFailure(ref ByteReader reader)
    {
        if (_asks.TryTake(reader.ReadUnmanaged<long>(), out var use) is { } ask) ask.Answer(use, null, RemoteFailure.Read(ref reader).ToException());
    }

    private void OnNotFound(ref ByteReader reader)
    {
        if (_asks.TryTake(reader.ReadUnmanaged<long>(), out var use) is not { } ask) return;
        var asked = new RpcEndpointAddress(ask.Receiver.Address, ask.Receiver.Name);
        ask.Answer(use, null, new EndpointNotFoundException(RemoteFailure.ReadAddress(ref reader, asked)));
    }

    private void Added(int bytes)
    {
        _unhandled += bytes;
        if (_isPaused || _unhandled <= _env.Options.MaxBacklogBytes) return;
        _isPaused = true;
        _end!.Other.Outgoing.Block();
    }

    private void Answer(Segment segment)
    {
        if (!TryAppend(segment)) _env.ReportReplyLost(Peer, OutboxFull());
    }

    private bool TryAppend(Segment segment)
    {
        var under = _waitingBytes + (IsOpen ? _end!.Outgoing.Bytes : 0);
        if (under > 0 && under + segment.Bytes.Length > _env.Options.MaxOutboxBytes) return false;
        Send(segment);
        return true;
    }

    private RpcOutboxFullException OutboxFull() =>
        new($"More than spark.rpc.outbox.maxBytes ({_env.Options.MaxOutboxBytes} bytes) wait to be sent to {Peer}: it takes messages too slowly.");

    private ByteWriter Begin(FrameKind kind)
    {
        _writer.Clear();
        _writer.WriteByte((byte)kind);
        return _writer;
    }

    private Segment Finish(ByteWriter writer, object? message, Func<string> receiver, string name)
    {
        if (writer.Length > _env.Options.MaxMessageBytes)
        {
            throw new SparkException(
                $"A {message?.GetType().Name} of {writer.Length} bytes to {receiver()} exceeds spark.rpc.message.maxSize ({_env.Options.MaxMessageBytes} bytes): send less, or raise the key on all nodes.");
        }

        return new Segment(SegmentKind.Data, writer.ToArray(), writer.Length, message?.GetType().Name ?? "null", name);
    }

    private LocalEndpointRef ReadReceiver(ref ByteReader reader)
    {
        var name = reader.ReadString()!;
        var incarnation = reader.ReadUnmanaged<long>();
        return new LocalEndpointRef(_env, name, incarnation) { Home = _env.Dispatcher.Find(name, incarnation) };
    }

    private static int SizeOf(string? text)
    {
        var writer = new ByteWriter();
        writer.WriteString(text);
        return writer.Length;
    }
}
