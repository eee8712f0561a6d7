using Sparkish.Membership.Nodes;
using Sparkish.Rpc.Local;
using Sparkish.Rpc.Transport.Frames;
using Sparkish.Serialization;

namespace Sparkish.Rpc.Transport;

/// <summary>
/// The receivers of one connection's messages, as numbered by the sending side. A name crosses the wire once, in a Define frame before its first use, and is a
/// number from then on. Names beyond the limit of the table are sent in full, as number 0. So are the names of the framework's own endpoints: their messages
/// overtake others, and would overtake their definition. Thread-safe.
/// </summary>
internal sealed class RouteTable(Connection connection, Outbox outbox)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Name, long Incarnation), Route> _routes = [];
    private readonly List<Route> _numbered = [];
    private bool _hasNoWindows;

    /// <summary>The route to a receiver; its first use defines it at the peer.</summary>
    /// <exception cref="SparkException">The name is too long or has control characters.</exception>
    public Route To(RemoteEndpointRef receiver)
    {
        if (receiver.Route is Route known && known.Connection == connection) return known;
        if (IsUrgent(receiver.Name))
        {
            var urgent = new Route(connection, 0, IsUrgent: true, null);
            receiver.Route = urgent;
            return urgent;
        }

        lock (_lock)
        {
            var key = (receiver.Name, receiver.Incarnation);
            if (!_routes.TryGetValue(key, out var route))
            {
                route = Add(receiver);
                if (route.Number != 0) _routes.Add(key, route);
            }

            receiver.Route = route;
            return route;
        }
    }

    /// <summary>Processes the peer's grant for one receiver.</summary>
    /// <exception cref="RpcConnectionException">The receiver was never defined.</exception>
    public void Grant(int number, long total)
    {
        SendWindow? window;
        lock (_lock)
        {
            if (number < 1 || number > _numbered.Count) throw new RpcConnectionException($"it sent a grant for receiver number {number}, which was never defined");
            window = _numbered[number - 1].Window;
        }

        if (window is not null) outbox.Grant(window, total);
    }

    /// <summary>Called if the peer's version of the protocol has no grants: everything may be sent.</summary>
    public void LiftWindows()
    {
        List<Route> routes;
        lock (_lock)
        {
            _hasNoWindows = true;
            routes = [.. _numbered];
        }

        foreach (var route in routes) outbox.Grant(route.Window!, long.MaxValue);
    }

    /// <summary>Writes name and incarnation.</summary>
    /// <exception cref="SparkException">The name is too long.</exception>
    public static void WriteName(ByteWriter writer, RemoteEndpointRef receiver)
    {
        if (receiver.Name.Length > EndpointNames.MaxChars)
            throw new SparkException(
                $"The endpoint name '{receiver.Name[..32]}…' has {receiver.Name.Length} characters; at most {EndpointNames.MaxChars} are allowed.");
        if (EndpointNames.HasControls(receiver.Name))
            throw new SparkException(
                $"The endpoint name '{new string([.. receiver.Name.Where(c => !char.IsControl(c))])}' has control characters, which peers refuse: remove them.");
        writer.WriteString(receiver.Name);
        writer.WriteUnmanaged(receiver.Incarnation);
    }

    /// <summary>Whether messages to an endpoint overtake others: late membership messages look like a dead node.</summary>
    public static bool IsUrgent(string name) => SystemEndpoints.Contains(name) || name == ClusterMembership.EndpointName;

    private Route Add(RemoteEndpointRef receiver)
    {
        if (_numbered.Count >= InboundTable.MaxReceivers) return new Route(connection, 0, IsUrgent: false, null);
        var route = new Route(connection, _numbered.Count + 1, IsUrgent: false, _hasNoWindows ? null : new SendWindow());
        Define(route, receiver); // under the lock: it is in the outbox before the first message that uses it
        _numbered.Add(route);
        return route;
    }

    private void Define(Route route, RemoteEndpointRef receiver)
    {
        var writer = FrameBuffer.Begin(FrameKind.Define);
        try
        {
            writer.WriteCount(route.Number);
            WriteName(writer, receiver);
            outbox.Append(FrameBuffer.Finish(writer, int.MaxValue, null, null), new Postage(Departure.Soon, Always: true));
        }
        finally
        {
            FrameBuffer.End(writer);
        }
    }
}

/// <summary>The route to a receiver: its connection, its number there, and its credit.</summary>
/// <param name="Connection">The connection.</param>
/// <param name="Number">The receiver's number; 0 if it is addressed by name.</param>
/// <param name="IsUrgent">Whether messages to it overtake others.</param>
/// <param name="Window">Its credit; null if only the outbox limits it.</param>
internal sealed record Route(Connection Connection, int Number, bool IsUrgent, SendWindow? Window);
