using Sparkish.Rpc.Local;
using Sparkish.Rpc.Transport.Frames;
using Sparkish.Serialization;

namespace Sparkish.Rpc.Transport;

/// <summary>The receivers that a peer has numbered. Only the receive loop uses it.</summary>
internal sealed class InboundTable(TransportContext context, IncomingFrames frames)
{
    public const int MaxReceivers = 16 << 10;

    private readonly List<InboundReceiver> _receivers = [];

    /// <summary>Adds a definition; numbers are consecutive.</summary>
    /// <exception cref="RpcConnectionException">The number is out of order or beyond the limit.</exception>
    public InboundReceiver Define(ref ByteReader reader)
    {
        var number = reader.ReadCount(0);
        if (number != _receivers.Count + 1 || number > MaxReceivers)
            throw new RpcConnectionException($"it numbered a receiver {number} after {_receivers.Count}");
        var receiver = new InboundReceiver(frames, ReadName(ref reader), number, new ReceiveWindow(context.Options.MaxBacklogBytes));
        _receivers.Add(receiver);
        return receiver;
    }

    /// <summary>Reads which receiver a frame is for.</summary>
    /// <exception cref="RpcConnectionException">The number was never defined.</exception>
    public InboundReceiver Read(ref ByteReader reader)
    {
        var number = reader.ReadCount(0);
        if (number == 0) return new InboundReceiver(frames, ReadName(ref reader), 0, null);
        if (number > _receivers.Count) throw new RpcConnectionException($"it sent a message for receiver number {number}, which was never defined");
        return _receivers[number - 1];
    }

    private LocalEndpointRef ReadName(ref ByteReader reader)
    {
        var name = reader.ReadString();
        if (string.IsNullOrEmpty(name) || name.Length > EndpointNames.MaxChars)
            throw new RpcConnectionException("it defined a receiver without a name or with too long a name");
        if (EndpointNames.HasControls(name)) throw new RpcConnectionException("it defined a receiver with control characters in its name");
        var incarnation = reader.ReadUnmanaged<long>();
        return new LocalEndpointRef(context.Env, name, incarnation) { Home = context.Dispatcher.Find(name, incarnation) };
    }
}
