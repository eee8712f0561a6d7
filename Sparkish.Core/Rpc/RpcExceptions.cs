#pragma warning disable MA0048 // the few exception types of one subject belong together
using Sparkish.Configuration;

namespace Sparkish.Rpc;

/// <summary>No reply arrived in time. The message names the key that controls the timeout.</summary>
public sealed class RpcTimeoutException(string message) : SparkException(message)
{
    /// <summary>Creates the error of an ask that timed out.</summary>
    /// <param name="receiver">The endpoint that was asked.</param>
    /// <param name="timeout">The timeout of the ask.</param>
    /// <param name="key">The key that controls the timeout; null for a timeout that was given with the ask.</param>
    public static RpcTimeoutException NoReply(RpcEndpointAddress receiver, TimeSpan timeout, string? key)
    {
        var control = key is null ? "This timeout was given with the ask." : $"This timeout is controlled by {key}";
        return new RpcTimeoutException($"Cannot receive any reply from {receiver} in {ConfigEntry.FormatDuration(timeout)}. {control}");
    }
}

/// <summary>The endpoint does not exist at that address, or has stopped.</summary>
public sealed class EndpointNotFoundException(RpcEndpointAddress address)
    : SparkException($"Cannot find endpoint: {address}.")
{
    /// <summary>The endpoint that was looked for.</summary>
    public RpcEndpointAddress Endpoint { get; } = address;
}

/// <summary>The peer could not be reached, refused the handshake, or disconnected before it replied.</summary>
public sealed class RpcConnectionException(string message, Exception? innerException = null) : SparkException(message, innerException)
{
    /// <summary>Whether the peer's machine refused the connection: no process listens at the address, or not yet.</summary>
    public bool IsRefused { get; init; }

    /// <summary>Whether the address leads to the very env that dialled it, which listens under another name.</summary>
    public bool IsSelf { get; init; }

    /// <summary>Whether the peer closed its connection, and only the peer could open another one.</summary>
    internal bool HasLeft { get; init; }
}

/// <summary>
/// A peer reads messages more slowly than they are sent, and the limit of waiting messages is reached: <c>spark.rpc.outbox.maxBytes</c>. Retry later, or send
/// less.
/// </summary>
public sealed class RpcOutboxFullException(string message) : SparkException(message);

/// <summary>The env is shut down.</summary>
public sealed class RpcEnvStoppedException(string name) : SparkException($"RpcEnv '{name}' is stopped.");

/// <summary>An endpoint has no case for a message.</summary>
public sealed class UnhandledMessageException(RpcEndpointRef receiver, object message)
    : SparkException($"{receiver?.Name} does not handle {message?.GetType().Name}.");

/// <summary>An endpoint on another node replied with a failure: the type, text and stack of its exception.</summary>
public sealed class RpcRemoteException(string remoteType, string message, string? remoteStackTrace) : SparkException(message)
{
    /// <summary>The full name of the exception's type on the other node.</summary>
    public string RemoteType { get; } = remoteType;

    /// <summary>The stack on the other node.</summary>
    public string? RemoteStackTrace { get; } = remoteStackTrace;
}
