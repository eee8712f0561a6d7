using Sparkish.Rpc.Local;
using Sparkish.Rpc.Transport.Frames;
using Sparkish.Serialization;

namespace Sparkish.Rpc.Transport;

/// <summary>The receivers that a peer has numbered. Used by the receive loop alone.</summary>
internal sealed class InboundTable(TransportContext context, IncomingFrames frames)
{
    public const int MaxReceivers = 16 << 10;

    private readonly List<InboundReceiver> _receivers = [];

    /// <summary>Takes a definition; numbers come in order.</summary>
    /// <exception cref="RpcConnectionException">It is out of order, or one too many.</exception>
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
        if (number > _receivers.Count) throw new RpcConnectionException($"a message for receiver number {number} came, which was never defined");
        return _receivers[number - 1];
    }

    private LocalEndpointRef ReadName(ref ByteReader reader)
    {
        var name = reader.ReadString();
        if (string.IsNullOrEmpty(name) || name.Length > EndpointNames.MaxChars)
            throw new RpcConnectionException("a receiver without a name, or with too long a one, came");
        if (EndpointNames.HasControls(name)) throw new RpcConnectionException("a receiver with control characters in its name came");
        var incarnation = reader.ReadUnmanaged<long>();
        return new LocalEndpointRef(context.Env, name, incarnation) { Home = context.Dispatcher.Find(name, incarnation) };
    }
}
