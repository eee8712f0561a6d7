namespace Sparkish.Rpc;

/// <summary>
/// A ref that is known to take messages of one type, such as a receiver's marker interface: the compiler refuses others. A value over an
/// <see cref="RpcEndpointRef"/>, whose bytes it has on the wire inside messages; the receiver's endpoint sees no difference.
/// </summary>
/// <typeparam name="TMessage">What the endpoint takes.</typeparam>
/// <param name="Untyped">The ref itself.</param>
public readonly record struct RpcEndpointRef<TMessage>(RpcEndpointRef Untyped)
    where TMessage : notnull
{
    /// <summary>Where the endpoint lives.</summary>
    public RpcAddress Address => Ref.Address;

    /// <summary>The endpoint's name within its env.</summary>
    public string Name => Ref.Name;

    /// <inheritdoc cref="RpcEndpointRef.Incarnation"/>
    public long Incarnation => Ref.Incarnation;

    private RpcEndpointRef Ref =>
        Untyped ?? throw new InvalidOperationException($"This {nameof(RpcEndpointRef)}<{typeof(TMessage).Name}> is empty: it was never given a ref.");

    /// <summary>Forgets the type of the messages; always possible.</summary>
    public static implicit operator RpcEndpointRef(RpcEndpointRef<TMessage> endpoint) => endpoint.Untyped;

    /// <summary>
    /// Claims that an endpoint takes these messages. Nothing checks it: a wrong claim shows at the receiver, as an <see cref="UnhandledMessageException"/>.
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

    /// <summary>The same ref for fewer messages: an endpoint that takes all of a type takes each part of it.</summary>
    /// <typeparam name="TPart">A type that derives from <typeparamref name="TMessage"/>.</typeparam>
    public RpcEndpointRef<TPart> For<TPart>()
        where TPart : TMessage => new(Ref);

    /// <summary>The ref itself, as the implicit conversion gives it.</summary>
    public RpcEndpointRef ToRpcEndpointRef() => Untyped;

    /// <summary>The ref as <c>spark://name@host:port</c>.</summary>
    public override string ToString() => Untyped?.ToString() ?? "";
}
