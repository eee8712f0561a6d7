#pragma warning disable MA0048 // a dead letter and its reason belong together
namespace Sparkish.Rpc;

/// <summary>One or more messages that an env could not deliver.</summary>
/// <param name="Reason">The reason why they were not delivered.</param>
/// <param name="Node">The address of the receiver's env.</param>
public readonly record struct DeadLetter(DeadLetterReason Reason, RpcAddress Node)
{
    /// <summary>The receiver's name; null for messages of which only the peer is known, and for a late reply.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The env that sent the messages; null if it is the reporting env.</summary>
    public RpcAddress? Sender { get; init; }

    /// <summary>The message; null if it exists in serialized form only.</summary>
    public object? Message { get; init; }

    /// <summary>The reason in words.</summary>
    public string Description { get; init; } = "";

    /// <summary>The number of messages.</summary>
    public long Count { get; init; } = 1;

    /// <summary>The type of the message; null if the message exists in serialized form only.</summary>
    public Type? MessageType => Message?.GetType();
}

/// <summary>The reason why an env could not deliver a message.</summary>
public enum DeadLetterReason
{
    /// <summary>This env has no such endpoint, or it has stopped.</summary>
    EndpointNotFound,

    /// <summary>The sending or receiving env has stopped.</summary>
    EnvStopped,

    /// <summary>The peer could not be reached, or the connection ended before the messages were sent.</summary>
    PeerUnreachable,

    /// <summary>
    /// The peer closed the connection in order before the messages were sent. Also if it did so earlier, and the env does not dial
    /// (<see cref="RpcEnvOptions.Dials"/>).
    /// </summary>
    PeerLeft,

    /// <summary>Too much waits for the peer (<c>spark.rpc.outbox.maxBytes</c>, <c>spark.rpc.buffers.maxBytes</c>).</summary>
    OutboxFull,

    /// <summary>The bytes from a peer are not a message that this env knows and admits. Applies to asks as well as to sent messages.</summary>
    Unreadable,

    /// <summary>A reply arrived after its ask had timed out or was cancelled.</summary>
    LateReply,
}
