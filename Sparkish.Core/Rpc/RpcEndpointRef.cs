using Sparkish.Serialization;

namespace Sparkish.Rpc;

/// <summary>
/// A handle to a local or remote endpoint: a value (address, name and incarnation) that may be sent inside messages and works on arrival. All members may be
/// called from any thread. Two refs are equal if they name the same incarnation of the same endpoint.
/// </summary>
[CodecType(typeof(RpcEndpointRefCodec))]
public abstract class RpcEndpointRef : IEquatable<RpcEndpointRef>
{
    /// <summary>The address of the endpoint's env.</summary>
    public abstract RpcAddress Address { get; }

    /// <summary>The endpoint's name within its env.</summary>
    public abstract string Name { get; }

    /// <summary>
    /// The incarnation of the endpoint: a restarted node, or a reused name, has another one. It is 0 in a ref that was created by name only
    /// (<see cref="RpcEnv.RefTo(RpcEndpointAddress)"/>), which addresses whichever endpoint has the name when a message arrives.
    /// </summary>
    public abstract long Incarnation { get; }

    /// <summary>The env that this handle belongs to: the one that created or received it.</summary>
    public abstract RpcEnv Env { get; }

    /// <summary>
    /// Sends a message without waiting: it is delivered at most once, in order from one sender to one receiver. A message that cannot be delivered is reported
    /// to the sender's env (log, <see cref="RpcEndpoint.OnNetworkError"/>), not to the caller.
    /// </summary>
    /// <exception cref="SparkException">The type of the message may not cross the wire, or the message exceeds <c>spark.rpc.message.maxSize</c>.</exception>
    public abstract void Send(object message);

    /// <summary>Sends a message and returns its reply. There is no retry.</summary>
    /// <typeparam name="T">The type of the reply.</typeparam>
    /// <param name="message">The question.</param>
    /// <param name="timeout">The timeout; <c>spark.rpc.askTimeout</c> unless given.</param>
    /// <param name="cancellationToken">Cancels the ask; its reply is then ignored.</param>
    /// <exception cref="RpcTimeoutException">No reply arrived in time; the message names the key that controls the timeout.</exception>
    /// <exception cref="EndpointNotFoundException">The endpoint does not exist there, or has stopped.</exception>
    /// <exception cref="RpcRemoteException">The endpoint replied with a failure on another node.</exception>
    /// <exception cref="RpcConnectionException">The peer could not be reached, or disconnected before it replied.</exception>
    /// <exception cref="SparkException">The reply is not a <typeparamref name="T"/>, or the message or the reply may not cross the wire.</exception>
    /// <remarks>Await the result once, as with any <see cref="ValueTask{T}"/>; <c>AsTask()</c> returns a task that can be stored.</remarks>
    public abstract ValueTask<T> AskAsync<T>(object message, TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>Asks and blocks the calling thread until the reply arrives: for a program's own threads, never for handlers.</summary>
    /// <inheritdoc cref="AskAsync{T}"/>
    /// <exception cref="InvalidOperationException">The caller is a handler, which would block its endpoint: use <see cref="AskAsync{T}"/> and
    /// <see cref="RpcEndpoint.PipeToSelf{T}(ValueTask{T}, Func{T, object}, Func{Exception, object}?)"/>.</exception>
    public abstract T AskSync<T>(object message, TimeSpan? timeout = null);

    /// <summary>The same ref for messages of one type, which the compiler then checks. Nothing checks that the endpoint handles them.</summary>
    /// <typeparam name="TMessage">The type of the endpoint's messages.</typeparam>
    public RpcEndpointRef<TMessage> As<TMessage>()
        where TMessage : notnull => new(this);

    /// <inheritdoc/>
    public bool Equals(RpcEndpointRef? other) =>
        other is not null && other.Incarnation == Incarnation && string.Equals(other.Name, Name, StringComparison.Ordinal) && other.Address == Address;

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => Equals(obj as RpcEndpointRef);

    /// <inheritdoc/>
    public sealed override int GetHashCode() => HashCode.Combine(Address, Name, Incarnation);

    /// <summary>The ref as <c>spark://name@host:port</c>.</summary>
    public sealed override string ToString() => new RpcEndpointAddress(Address, Name).ToString();
}
