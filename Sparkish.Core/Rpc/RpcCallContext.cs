#pragma warning disable MA0048 // a call and the handle to it belong together
namespace Sparkish.Rpc;

/// <summary>
/// What an asked endpoint answers through: now or later, from any thread, once. A second answer throws; an answer that comes after the asker
/// gave up is ignored.
/// </summary>
/// <remarks>A value, so that asking within a process allocates nothing: calls are used again, and the token tells one use from the next.</remarks>
public readonly struct RpcCallContext : IEquatable<RpcCallContext>
{
    private readonly IRpcCall? _call;
    private readonly int _token;

    /// <summary>Makes the handle to one use of a call; for makers of envs.</summary>
    public RpcCallContext(IRpcCall call, int token)
    {
        _call = call;
        _token = token;
    }

    /// <summary>Where the question came from. Read it before answering.</summary>
    public RpcAddress SenderAddress => Call.SenderAddress;

    /// <summary>
    /// Whether the asker has proved who it is: it lives in this env, knows the cluster's secret, or showed a client certificate. Read it before answering.
    /// </summary>
    public bool IsAuthenticated => Call.IsAuthenticated;

    /// <summary>The env that asked, as its handshake has shown; null for one of this env itself. Read it before answering.</summary>
    public RpcPeer? Peer => Call.Peer;

    internal IRpcCall Call => _call ?? throw new InvalidOperationException("This RpcCallContext is empty: it is not one that ReceiveAndReply was given.");

    /// <summary>Answers the question.</summary>
    /// <exception cref="InvalidOperationException">It was answered before.</exception>
    /// <exception cref="SparkException">The response may not cross the wire or is too large; the asker has been told.</exception>
    public void Reply(object? response) => Call.Reply(_token, response);

    /// <summary>Fails the question: a local asker gets this very exception, a remote one a <see cref="RpcRemoteException"/> that describes it.</summary>
    /// <exception cref="InvalidOperationException">It was answered before.</exception>
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

/// <summary>One question on its way; implemented by envs. Safe for all threads.</summary>
public interface IRpcCall
{
    /// <summary>Where the question came from.</summary>
    RpcAddress SenderAddress { get; }

    /// <summary>Whether the asker has proved who it is.</summary>
    bool IsAuthenticated { get; }

    /// <summary>The env that asked; null for the env that was asked, or one of a kind that does not tell its peers apart.</summary>
    RpcPeer? Peer => null;

    /// <summary>Answers the use of this call that a token stands for.</summary>
    /// <exception cref="InvalidOperationException">It was answered before.</exception>
    void Reply(int token, object? response);

    /// <summary>Fails the use of this call that a token stands for.</summary>
    /// <exception cref="InvalidOperationException">It was answered before.</exception>
    void SendFailure(int token, Exception error);
}
