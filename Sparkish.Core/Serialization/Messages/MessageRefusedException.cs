namespace Sparkish.Serialization.Messages;

/// <summary>A peer sent a message that its role may not send. Nothing of it was deserialized.</summary>
public sealed class MessageRefusedException : SparkException
{
    private static readonly (Senders Role, string Name)[] Names =
    [
        (Senders.Master, "a master"),
        (Senders.Worker, "a worker"),
        (Senders.Driver, "a driver"),
        (Senders.Executor, "an executor"),
        (Senders.Other, "a peer with none of the cluster's roles"),
        (Senders.Node, "a peer with this node's own secret"),
    ];

    internal MessageRefusedException(MessageType message, Senders sender)
        : base($"{message.Type.Name} (message {message.Id}) is not accepted from {Describe(RolesOf(sender), " and ")}: "
            + $"only {Describe(message.Senders, " or ")} may send it.")
    {
    }

    /// <summary>The roles that a peer has proven. Its secret matters only where it has no role.</summary>
    private static Senders RolesOf(Senders sender) => (sender & ~Senders.Node) is var roles and not Senders.None ? roles : sender;

    private static string Describe(Senders senders, string conjunction) => senders == Senders.None
        ? "nobody"
        : string.Join(conjunction, Names.Where(name => senders.HasFlag(name.Role)).Select(static name => name.Name));
}
