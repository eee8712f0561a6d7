using Microsoft.Extensions.Logging;
using Sparkish.Security;

namespace Sparkish.Rpc.Transport;

/// <summary>What the sockets of one node share: who the node is, how it proves so, and how long it waits.</summary>
/// <param name="Self">This node's half of a handshake.</param>
/// <param name="NetworkTimeout">How long a stream waits for a silent peer.</param>
/// <param name="Stopping">Set when connections that are not made yet, and those for streams, are to end.</param>
internal sealed record SocketContext(
    Hello Self, SecurityManager Security, TimeSpan ConnectionTimeout, TimeSpan NetworkTimeout, TimeProvider Time, OwnedTasks Tasks, ILogger Log, CancellationToken Stopping)
{
    /// <summary>Whether the listener of these sockets takes connections for messages too, not only those for streams.</summary>
    public bool TakesMessages { get; init; } = true;

    /// <summary>This node's half of a handshake.</summary>
    /// <exception cref="HandshakeException">The listener takes no such connections.</exception>
    public Hello Hello(ConnectionKind kind) => kind == ConnectionKind.Bulk || TakesMessages
        ? Self with { Kind = kind }
        : throw new HandshakeException("the listening node serves only streams there, for it runs on another actor system: give all nodes of a cluster the same spark.rpc.factory", tellPeer: true);
}
