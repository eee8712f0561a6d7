using Microsoft.Extensions.Logging;
using Sparkish.Security;

namespace Sparkish.Rpc.Handshakes;

/// <summary>The shared state of one node's channels before their handshake completes: its identity, its credentials and its timeouts.</summary>
/// <param name="Self">This node's half of a handshake.</param>
/// <param name="Security">Its credentials.</param>
/// <param name="ConnectionTimeout">Time limit for establishing a connection.</param>
/// <param name="NetworkTimeout">Time that a stream waits for a silent peer.</param>
/// <param name="Time">The node's clock.</param>
/// <param name="Tasks">Owns the loops of connections.</param>
/// <param name="Log">Logs refusals and failures.</param>
/// <param name="Stopping">Signalled when unfinished connections and connections for streams must end.</param>
internal sealed record ChannelContext(
    Hello Self, SecurityManager Security, TimeSpan ConnectionTimeout, TimeSpan NetworkTimeout,
        TimeProvider Time, OwnedTasks Tasks, ILogger Log, CancellationToken Stopping)
{
    /// <summary>Whether the listener accepts connections for messages as well as for streams.</summary>
    public bool TakesMessages { get; init; } = true;

    /// <summary>Creates the nonce of a handshake; null lets the handshake draw it from the system.</summary>
    public Func<byte[]?> NewNonce { get; init; } = static () => null;

    /// <summary>The env's name as it is now; null for a name that does not change.</summary>
    public Func<string>? CurrentName { get; init; }

    /// <summary>The message connections that this node is opening.</summary>
    public OwnHandshakes Handshakes { get; } = new();

    /// <summary>This node's half of a handshake with a peer that connects.</summary>
    /// <exception cref="HandshakeException">The listener does not accept such connections.</exception>
    public Hello Hello(ConnectionKind kind) => kind == ConnectionKind.Bulk || TakesMessages
        ? Current with { Kind = kind }
        : throw new HandshakeException(
            "the listening node serves only streams there, since it uses another actor system: give all nodes of a cluster the same spark.rpc.factory",
                tellPeer: true);

    /// <summary>This node's half of the handshake of an outgoing message connection.</summary>
    public Hello HelloTo(RpcAddress dialled) => Current with { Kind = ConnectionKind.Messages, Dialled = dialled };

    private Hello Current => CurrentName is { } name ? Self with { EnvName = name() } : Self;
}
