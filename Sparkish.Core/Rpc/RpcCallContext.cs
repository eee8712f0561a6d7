#pragma warning disable MA0048 // a call and the handle to it belong together
namespace Sparkish.Rpc;

/// <summary>
/// The handle to reply to an ask: now or later, from any thread, once. A second reply throws; a reply after the asker stopped waiting is ignored.
/// </summary>
/// <remarks>A struct, so that a local ask allocates nothing: calls are pooled, and the token distinguishes one use from the next.</remarks>
public readonly struct RpcCallContext : IEquatable<RpcCallContext>
{
    private readonly IRpcCall? _call;
    private readonly int _token;

    /// <summary>Creates the handle to one use of a call. For implementers of envs.</summary>
    public RpcCallContext(IRpcCall call, int token)
    {
        _call = call;
        _token = token;
    }

    /// <summary>The address of the asker. Read it before replying.</summary>
    public RpcAddress SenderAddress => Call.SenderAddress;

    /// <summary>
    /// Whether the asker is authenticated: it belongs to this env, knows the cluster's secret, or presented a client certificate. Read it before replying.
    /// </summary>
    public bool IsAuthenticated => Call.IsAuthenticated;

    /// <summary>The asking env as identified by its handshake; null for this env itself. Read it before replying.</summary>
    public RpcPeer? Peer => Call.Peer;

    internal IRpcCall Call => _call ?? throw new InvalidOperationException("This RpcCallContext is empty: use the one that ReceiveAndReply receives.");

    /// <summary>Replies to the ask.</summary>
    /// <exception cref="InvalidOperationException">The ask was already answered.</exception>
    /// <exception cref="SparkException">The response may not cross the wire or is too large; the asker has received the error.</exception>
    public void Reply(object? response) => Call.Reply(_token, response);

    /// <summary>Fails the ask: a local asker receives this exception, a remote one a <see cref="RpcRemoteException"/> that describes it.</summary>
    /// <exception cref="InvalidOperationException">The ask was already answered.</exception>
    public void SendFailure(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        Call.SendFailure(_token, error);
    }

    /// <inheritdoc/>
    public bool Equals(RpcCallContext other) => ReferenceEquals(_call, other._call) && _token == other._token;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RpcCallContext other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_call, _token);

    /// <summary>Whether two handles are to the same use of the same call.</summary>
    public static bool operator ==(RpcCallContext left, RpcCallContext right) => left.Equals(right);

    /// <summary>Whether two handles are to different calls or uses.</summary>
    public static bool operator !=(RpcCallContext left, RpcCallContext right) => !left.Equals(right);
}

/// <summary>One ask in progress; implemented by envs. Thread-safe.</summary>
public interface IRpcCall
{
    /// <summary>The address of the asker.</summary>
    RpcAddress SenderAddress { get; }

    /// <summary>Whether the asker is authenticated.</summary>
    bool IsAuthenticated { get; }

    /// <summary>The asking env; null if it is the asked env itself, or an env that does not distinguish its peers.</summary>
    RpcPeer? Peer => null;

    /// <summary>Replies to the use of this call that the token identifies.</summary>
    /// <exception cref="InvalidOperationException">The ask was already answered.</exception>
    void Reply(int token, object? response);

    /// <summary>Fails the use of this call that the token identifies.</summary>
    /// <exception cref="InvalidOperationException">The ask was already answered.</exception>
    void SendFailure(int token, Exception error);
}
