using Sparkish.Serialization;

namespace Sparkish.Rpc;

/// <summary>
/// A handle to an endpoint, here or elsewhere: a value (address and name) that may be sent inside messages and works on arrival.
/// All members may be called from any thread. Two refs are equal when they name the same endpoint.
/// </summary>
[CodecType(typeof(RpcEndpointRefCodec))]
public abstract class RpcEndpointRef : IEquatable<RpcEndpointRef>
{
    /// <summary>Where the endpoint lives.</summary>
    public abstract RpcAddress Address { get; }

    /// <summary>The endpoint's name within its env.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// Sends and forgets: delivered at most once, in order from one sender to one receiver. A message that cannot be delivered is reported
    /// to the sender's env (log, <see cref="RpcEndpoint.OnNetworkError"/>), not to the caller.
    /// </summary>
    /// <exception cref="SparkException">The message is of a type that may not cross the wire, or larger than <c>spark.rpc.message.maxSize</c>.</exception>
    public abstract void Send(object message);

    /// <summary>Asks once; there is no retry.</summary>
    /// <typeparam name="T">The type of the reply.</typeparam>
    /// <param name="message">The question.</param>
    /// <param name="timeout">How long to wait; <c>spark.rpc.askTimeout</c> unless given.</param>
    /// <param name="cancellationToken">Gives the ask up; its reply is then ignored.</param>
    /// <exception cref="RpcTimeoutException">No reply came in time; the message names the key that controls it.</exception>
    /// <exception cref="EndpointNotFoundException">The endpoint does not exist there, or has stopped.</exception>
    /// <exception cref="RpcRemoteException">The endpoint answered with a failure on another node.</exception>
    /// <exception cref="RpcConnectionException">The peer could not be reached, or went away before it answered.</exception>
    public abstract Task<T> AskAsync<T>(object message, TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public bool Equals(RpcEndpointRef? other) => other is not null && other.Address == Address && string.Equals(other.Name, Name, StringComparison.Ordinal);

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => Equals(obj as RpcEndpointRef);

    /// <inheritdoc/>
    public sealed override int GetHashCode() => HashCode.Combine(Address, Name);

    /// <summary>The ref as <c>spark://name@host:port</c>.</summary>
    public sealed override string ToString() => new RpcEndpointAddress(Address, Name).ToString();
}
