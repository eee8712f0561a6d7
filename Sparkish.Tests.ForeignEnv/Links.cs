using System.Collections.Concurrent;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.Serialization;

namespace Sparkish.Tests.ForeignEnv;

/// <summary>
/// What crosses a link. A question is answered by a reply, a failure or the word that its endpoint is not there, under the question's number.
/// </summary>
internal enum FrameKind : byte
{
    Send,
    Ask,
    Find,
    Reply,
    Failure,
    NotFound,
    Watch,
    Unwatch,
    Terminated,
}

/// <summary>The links of one env: writes what goes out as frames, reads what comes in, and gives it to the env.</summary>
internal sealed class Links(ChannelRpcEnv env, MessageFormat format, long maxMessageBytes)
{
    private readonly ConcurrentDictionary<RpcAddress, Link> _links = new();
    private readonly ConcurrentDictionary<long, (Ask Ask, ChannelRef Receiver)> _asks = new();
    private readonly ConcurrentBag<Task> _loops = [];
    private long _lastAsk;

    public Link? Find(RpcAddress peer) => _links.GetValueOrDefault(peer);

    /// <summary>Takes a new link; called by the switchboard alone.</summary>
    public void Attach(Link link)
    {
        _links[link.Peer] = link;
        env.PostToAll(endpoint => endpoint.OnConnected(link.Peer));
        _loops.Add(Task.Run(() => ReadAsync(link)));
    }

    public async Task CloseAsync()
    {
        foreach (var link in _links.Values) link.Close();
        await Task.WhenAll(_loops);
    }

    /// <summary>Sends a message.</summary>
    /// <exception cref="SparkException">The message may not cross the wire, or its receiver cannot be reached.</exception>
    public void Send(ChannelRef receiver, object message) => Send(receiver.Address, FrameTo(FrameKind.Send, 0, receiver, message));

    /// <summary>Asks; the outcome goes to the ask.</summary>
    /// <exception cref="SparkException">The question may not cross the wire, or its receiver cannot be reached.</exception>
    public void Ask(ChannelRef receiver, object message, Ask ask) => Ask(receiver, ask, id => FrameTo(FrameKind.Ask, id, receiver, message));

    /// <summary>Asks which incarnation of an endpoint there is.</summary>
    public void Lookup(ChannelRef receiver, Ask ask) => Ask(receiver, ask, id => Frame(FrameKind.Find, id, writer => writer.WriteString(receiver.Name)));

    /// <summary>Forgets a question that is over.</summary>
    public void Forget(Ask ask)
    {
        foreach (var (id, asked) in _asks)
        {
            if (asked.Ask == ask) _asks.TryRemove(id, out _);
        }
    }

    /// <summary>Sends a word about a watch; false when the peer cannot be reached.</summary>
    public bool TrySendWatch(FrameKind kind, RpcAddress peer, RpcEndpointRef watcher, RpcEndpointRef watched, TerminationCause cause = default)
    {
        try
        {
            if (kind == FrameKind.Terminated && Find(peer) is null) return false;
            Send(peer, Frame(kind, 0, writer =>
            {
                format.Write(writer, watcher, env.SerializationContext);
                format.Write(writer, watched, env.SerializationContext);
                writer.WriteCount((int)cause);
            }));
            return true;
        }
        catch (SparkException)
        {
            return false; // its endpoints have been told by OnNetworkError
        }
    }

    private void Ask(ChannelRef receiver, Ask ask, Func<long, byte[]> frame)
    {
        var id = Interlocked.Increment(ref _lastAsk);
        var bytes = frame(id);
        _asks[id] = (ask, receiver);
        Send(receiver.Address, bytes);
    }

    private void Send(RpcAddress peer, byte[] frame)
    {
        try
        {
            if (!Switchboard.Connect(env, peer).TrySend(frame)) throw new RpcConnectionException($"{peer} has just gone away.");
        }
        catch (RpcConnectionException error)
        {
            env.PostToAll(endpoint => endpoint.OnNetworkError(error, peer));
            throw;
        }
    }

    private void TryAnswer(Link link, byte[] frame) => link.TrySend(frame); // an asker that has left needs no answer

    private byte[] FrameTo(FrameKind kind, long id, ChannelRef receiver, object message) => Frame(kind, id, writer =>
    {
        writer.WriteString(receiver.Name);
        writer.WriteUnmanaged(receiver.Incarnation);
        format.Write(writer, message, env.Types.With(receiver.Address));
    });

    private byte[] Frame(FrameKind kind, long id, Action<ByteWriter> write)
    {
        var writer = new ByteWriter();
        writer.WriteByte((byte)kind);
        writer.WriteUnmanaged(id);
        write(writer);
        return writer.Length <= maxMessageBytes
            ? writer.ToArray()
            : throw new SparkException($"A message of {writer.Length} bytes is larger than spark.rpc.message.maxSize ({maxMessageBytes} bytes).");
    }

    private async Task ReadAsync(Link link)
    {
        await foreach (var frame in link.Incoming.ReadAllAsync())
        {
            try
            {
                Take(link, frame);
            }
            catch (Exception error)
            {
                env.Report(error, $"A message from {link.Peer} could not be read");
            }
        }

        _links.TryRemove(KeyValuePair.Create(link.Peer, link));
        foreach (var (id, asked) in _asks)
        {
            if (asked.Receiver.Address == link.Peer && _asks.TryRemove(id, out _))
                asked.Ask.Fail(new RpcConnectionException($"The connection with {link.Peer} has ended."));
        }

        env.PostToAll(endpoint => endpoint.OnDisconnected(link.Peer));
        env.Watches.LinkEnded(link.Peer);
    }

    private void Take(Link link, byte[] frame)
    {
        var reader = new ByteReader(frame, env.SerializationContext);
        var kind = (FrameKind)reader.ReadByte();
        var id = reader.ReadUnmanaged<long>();
        switch (kind)
        {
            case FrameKind.Send: TakeSend(link, ref reader, frame); break;
            case FrameKind.Ask: TakeAsk(link, id, ref reader, frame); break;
            case FrameKind.Find: TakeFind(link, id, reader.ReadString()!); break;
            case FrameKind.Reply or FrameKind.Failure or FrameKind.NotFound: TakeAnswer(kind, link, id, frame.AsSpan(reader.Position)); break;
            case FrameKind.Watch: env.Watches.Take(ReadRef(ref reader), ReadRef(ref reader)); break;
            case FrameKind.Unwatch: env.Watches.Drop(ReadRef(ref reader), ReadRef(ref reader)); break;
            case FrameKind.Terminated: env.Watches.Tell(ReadRef(ref reader), ReadRef(ref reader), (TerminationCause)reader.ReadCount(0)); break;
            default: throw new SparkException($"Unknown frame {(byte)kind}.");
        }
    }

    private RpcEndpointRef ReadRef(ref ByteReader reader) => (RpcEndpointRef)format.Read(ref reader)!;

    private void TakeSend(Link link, ref ByteReader reader, byte[] frame)
    {
        var (mailbox, name) = ReadReceiver(ref reader);
        var message = ReadMessage(frame.AsSpan(reader.Position), env.Types.From(link.Peer, name))!;
        if (mailbox?.Post(new Mail(endpoint => endpoint.Receive(message))) != true) env.ReportNotFound(name, message, link.Peer);
    }

    private void TakeAsk(Link link, long id, ref ByteReader reader, byte[] frame)
    {
        var (mailbox, name) = ReadReceiver(ref reader);
        var call = new Call(link.Peer,
            reply => TryAnswer(link, Frame(FrameKind.Reply, id, writer => format.Write(writer, reply, env.Types.With(link.Peer)))),
            error => TryAnswer(link, error is EndpointNotFoundException
                ? Frame(FrameKind.NotFound, id, _ => { })
                : Frame(FrameKind.Failure, id, writer => Describe(writer, error))));
        try
        {
            var message = ReadMessage(frame.AsSpan(reader.Position), env.Types.From(link.Peer, name))!;
            if (mailbox?.Post(new Mail(endpoint => endpoint.ReceiveAndReply(message, new RpcCallContext(call, 0)), call)) != true)
                call.TryFail(new EndpointNotFoundException(new RpcEndpointAddress(env.Address, name)));
        }
        catch (SparkException error)
        {
            call.TryFail(error);
        }
    }

    private void TakeFind(Link link, long id, string name) => TryAnswer(link, env.Find(name, 0) is { } found
        ? Frame(FrameKind.Reply, id, writer => format.Write(writer, found.Self.Incarnation, env.SerializationContext))
        : Frame(FrameKind.NotFound, id, _ => { }));

    private void TakeAnswer(FrameKind kind, Link link, long id, ReadOnlySpan<byte> body)
    {
        if (!_asks.TryRemove(id, out var asked)) return;
        try
        {
            var reader = new ByteReader(body, env.Types.With(link.Peer));
            if (kind == FrameKind.Reply) asked.Ask.Answer(format.Read(ref reader));
            else if (kind == FrameKind.Failure) asked.Ask.Fail(new RpcRemoteException(reader.ReadString()!, reader.ReadString()!, reader.ReadString()));
            else asked.Ask.Fail(new EndpointNotFoundException(new RpcEndpointAddress(asked.Receiver.Address, asked.Receiver.Name)));
        }
        catch (SparkException error)
        {
            asked.Ask.Fail(error);
        }
    }

    private (Mailbox? Mailbox, string Name) ReadReceiver(ref ByteReader reader)
    {
        var name = reader.ReadString()!;
        return (env.Find(name, reader.ReadUnmanaged<long>()), name);
    }

    private object? ReadMessage(ReadOnlySpan<byte> bytes, SerializationContext context)
    {
        var reader = new ByteReader(bytes, context);
        return format.Read(ref reader);
    }

    /// <summary>An exception as it crosses the wire; its members are user code and may throw.</summary>
    private static void Describe(ByteWriter writer, Exception error)
    {
        writer.WriteString(error.GetType().FullName);
        writer.WriteString(Try(() => error.Message) ?? "");
        writer.WriteString(Try(() => error.StackTrace));

        static string? Try(Func<string?> text)
        {
            try
            {
                return text();
            }
            catch (Exception second)
            {
                return $"({second.GetType()})";
            }
        }
    }
}
