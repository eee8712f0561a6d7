using Microsoft.Extensions.Logging;
using Sparkish.Security;

namespace Sparkish.Rpc.Handshakes;

/// <summary>What the channels of one node share before their handshake is done: who the node is, how it proves so, and how long it waits.</summary>
/// <param name="Self">This node's half of a handshake.</param>
/// <param name="Security">How it proves itself.</param>
/// <param name="ConnectionTimeout">How long a connection may take to be made.</param>
/// <param name="NetworkTimeout">How long a stream waits for a silent peer.</param>
/// <param name="Time">The node's clock.</param>
/// <param name="Tasks">Owns what runs for a connection.</param>
/// <param name="Log">Takes refusals and failures.</param>
/// <param name="Stopping">Set when connections that are not made yet, and those for streams, are to end.</param>
internal sealed record ChannelContext(
    Hello Self, SecurityManager Security, TimeSpan ConnectionTimeout, TimeSpan NetworkTimeout,
        TimeProvider Time, OwnedTasks Tasks, ILogger Log, CancellationToken Stopping)
{
    /// <summary>Whether the listener takes connections for messages too, not only those for streams.</summary>
    public bool TakesMessages { get; init; } = true;

    /// <summary>Makes the number used once of a handshake; null lets the handshake draw it from the system.</summary>
    public Func<byte[]?> NewNonce { get; init; } = static () => null;

    /// <summary>The message connections that this node is making.</summary>
    public OwnHandshakes Handshakes { get; } = new();

    /// <summary>This node's half of a handshake with a peer that connects.</summary>
    /// <exception cref="HandshakeException">The listener takes no such connections.</exception>
    public Hello Hello(ConnectionKind kind) => kind == ConnectionKind.Bulk || TakesMessages
        ? Self with { Kind = kind }
        : throw new HandshakeException(
            "the listening node serves only streams there, for it runs on another actor system: give all nodes of a cluster the same spark.rpc.factory",
                tellPeer: true);

    /// <summary>This node's half of the handshake of a message connection that it makes.</summary>
    public Hello HelloTo(RpcAddress dialled) => Self with { Kind = ConnectionKind.Messages, Dialled = dialled };
}
