#pragma warning disable MA0048 // both halves of one numbering stand together
using Sparkish.Rpc.Local;
using Sparkish.Serialization;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// The receivers that messages of one connection are for, as the sending side numbers them: a name crosses the wire once, in a Define frame before its
/// first use, and is a number from then on. What exceeds the table goes by name, as number 0. Safe for all threads.
/// </summary>
internal sealed class RouteTable(Connection connection)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Name, long Incarnation), Route> _routes = [];

    /// <summary>The route to a receiver; its first use defines it at the peer.</summary>
    public Route To(RemoteEndpointRef receiver)
    {
        if (receiver.Route is Route known && known.Connection == connection) return known;
        lock (_lock)
        {
            var key = (receiver.Name, receiver.Incarnation);
            if (!_routes.TryGetValue(key, out var route))
            {
                route = new Route(connection, _routes.Count < InboundTable.MaxReceivers ? _routes.Count + 1 : 0);
                if (route.Number != 0) Define(route, receiver); // under the lock: it stands in the outbox before whoever uses it
                if (route.Number != 0) _routes.Add(key, route);
            }

            receiver.Route = route;
            return route;
        }
    }

    private void Define(Route route, RemoteEndpointRef receiver)
    {
        var writer = FrameBuffer.Begin(FrameKind.Define);
        writer.WriteCount(route.Number);
        WriteName(writer, receiver);
        connection.AppendAlways(FrameBuffer.Finish(writer, int.MaxValue, null, null));
        FrameBuffer.End(writer);
    }

    /// <summary>Writes name and incarnation.</summary>
    /// <exception cref="SparkException">The name is too long.</exception>
    public static void WriteName(ByteWriter writer, RemoteEndpointRef receiver)
    {
        if (receiver.Name.Length > InboundTable.MaxNameChars) throw new SparkException($"The endpoint name '{receiver.Name[..32]}…' has {receiver.Name.Length} characters; at most {InboundTable.MaxNameChars} are allowed.");
        if (InboundTable.HasControls(receiver.Name)) throw new SparkException($"The endpoint name '{new string([.. receiver.Name.Where(c => !char.IsControl(c))])}' has control characters, which peers refuse: name it without.");
        writer.WriteString(receiver.Name);
        writer.WriteUnmanaged(receiver.Incarnation);
    }
}

/// <summary>The way to a receiver: over which connection, and its number there.</summary>
internal sealed record Route(Connection Connection, int Number);

/// <summary>The receivers that a peer has numbered. Used by the receive loop alone.</summary>
internal sealed class InboundTable(Dispatcher dispatcher, RpcEnv env)
{
    public const int MaxReceivers = 16 << 10;
    public const int MaxNameChars = 1024;

    private readonly List<LocalEndpointRef> _receivers = [];

    /// <summary>Whether a name would start a new line in a log, or worse.</summary>
    public static bool HasControls(string name) => name.AsSpan().ContainsAnyInRange('\0', '\x1f') || name.AsSpan().ContainsAnyInRange('\x7f', '\x9f');

    /// <summary>Takes a definition; numbers come in order.</summary>
    /// <exception cref="RpcConnectionException">It is out of order, or one too many.</exception>
    public void Define(ref ByteReader reader)
    {
        var number = reader.ReadCount(0);
        if (number != _receivers.Count + 1 || number > MaxReceivers) throw new RpcConnectionException($"it numbered a receiver {number} after {_receivers.Count}");
        _receivers.Add(ReadName(ref reader));
    }

    /// <summary>Reads which receiver a frame is for.</summary>
    /// <exception cref="RpcConnectionException">The number was never defined.</exception>
    public LocalEndpointRef Read(ref ByteReader reader)
    {
        var number = reader.ReadCount(0);
        if (number == 0) return ReadName(ref reader);
        if (number > _receivers.Count) throw new RpcConnectionException($"a message for receiver number {number} came, which was never defined");
        return _receivers[number - 1];
    }

    private LocalEndpointRef ReadName(ref ByteReader reader)
    {
        var name = reader.ReadString();
        if (string.IsNullOrEmpty(name) || name.Length > MaxNameChars) throw new RpcConnectionException("a receiver without a name, or with too long a one, came");
        if (HasControls(name)) throw new RpcConnectionException("a receiver with control characters in its name came");
        var incarnation = reader.ReadUnmanaged<long>();
        return new LocalEndpointRef((NodeRpcEnv)env, name, incarnation) { Home = dispatcher.Find(name, incarnation) };
    }
}
