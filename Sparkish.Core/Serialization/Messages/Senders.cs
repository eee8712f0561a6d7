namespace Sparkish.Serialization.Messages;

/// <summary>
/// The peers that may send a message. A peer is what it has proven in its handshake; an env's own messages to itself are always accepted. A message from any
/// other sender is refused by its number, before a byte of it is deserialized.
/// </summary>
[Flags]
public enum Senders
{
    /// <summary>No peer.</summary>
    None = 0,

    /// <summary>The master of a cluster.</summary>
    Master = 1,

    /// <summary>A worker of a cluster.</summary>
    Worker = 2,

    /// <summary>The driver of an application.</summary>
    Driver = 4,

    /// <summary>An executor of an application.</summary>
    Executor = 8,

    /// <summary>A peer with none of the roles above.</summary>
    Other = 16,

    /// <summary>
    /// A peer with any role that shares the env's own secret, or any peer of an env without secrets. A client key or an application's secret alone is not
    /// enough.
    /// </summary>
    Node = 32,

    /// <summary>Every authenticated peer.</summary>
    Anyone = Master | Worker | Driver | Executor | Other | Node,
}
