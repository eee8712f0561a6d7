namespace Sparkish.Rpc;

/// <summary>
/// A ref for messages of one type, such as a receiver's marker interface: the compiler rejects others. Inside messages it is serialized like its
/// <see cref="RpcEndpointRef"/>, so the receiver sees no difference.
/// </summary>
/// <typeparam name="TMessage">The type of the endpoint's messages.</typeparam>
/// <param name="Untyped">The ref itself.</param>
public readonly record struct RpcEndpointRef<TMessage>(RpcEndpointRef Untyped)
    where TMessage : notnull
{
    /// <summary>The address of the endpoint's env.</summary>
    public RpcAddress Address => Ref.Address;

    /// <summary>The endpoint's name within its env.</summary>
    public string Name => Ref.Name;

    /// <inheritdoc cref="RpcEndpointRef.Incarnation"/>
    public long Incarnation => Ref.Incarnation;

    private RpcEndpointRef Ref =>
        Untyped ?? throw new InvalidOperationException($"This {nameof(RpcEndpointRef)}<{typeof(TMessage).Name}> is empty: create it from a ref.");

    /// <summary>Forgets the type of the messages; always possible.</summary>
    public static implicit operator RpcEndpointRef(RpcEndpointRef<TMessage> endpoint) => endpoint.Untyped;

    /// <summary>
    /// Declares that an endpoint handles these messages. Nothing checks it: a wrong declaration shows at the receiver, as an
    /// <see cref="UnhandledMessageException"/>.
    /// </summary>
    public static explicit operator RpcEndpointRef<TMessage>(RpcEndpointRef endpoint) => new(endpoint);

    /// <inheritdoc cref="RpcEndpointRef.Send"/>
    public void Send(TMessage message) => Ref.Send(message);

    /// <inheritdoc cref="RpcEndpointRef.AskAsync{T}"/>
    /// <typeparam name="TReply">The type of the reply.</typeparam>
    public ValueTask<TReply> AskAsync<TReply>(TMessage message, TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Ref.AskAsync<TReply>(message, timeout, cancellationToken);

    /// <inheritdoc cref="RpcEndpointRef.AskSync{T}"/>
    /// <typeparam name="TReply">The type of the reply.</typeparam>
    public TReply AskSync<TReply>(TMessage message, TimeSpan? timeout = null) => Ref.AskSync<TReply>(message, timeout);

    /// <summary>The same ref for a narrower type of messages: an endpoint that handles a type handles its subtypes.</summary>
    /// <typeparam name="TPart">A type that derives from <typeparamref name="TMessage"/>.</typeparam>
    public RpcEndpointRef<TPart> For<TPart>()
        where TPart : TMessage => new(Ref);

    /// <summary>The untyped ref, as returned by the implicit conversion.</summary>
    public RpcEndpointRef ToRpcEndpointRef() => Untyped;

    /// <summary>The ref as <c>spark://name@host:port</c>.</summary>
    public override string ToString() => Untyped?.ToString() ?? "";
}
