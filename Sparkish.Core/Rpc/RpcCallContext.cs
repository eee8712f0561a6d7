namespace Sparkish.Rpc;

/// <summary>What an asked endpoint answers through: now or later, from any thread, once. A second answer throws.</summary>
public abstract class RpcCallContext
{
    /// <summary>Where the question came from.</summary>
    public abstract RpcAddress SenderAddress { get; }

    /// <summary>Answers the question.</summary>
    /// <exception cref="InvalidOperationException">It was answered before.</exception>
    public abstract void Reply(object? response);

    /// <summary>Fails the question: a local asker gets this very exception, a remote one a <see cref="RpcRemoteException"/> that describes it.</summary>
    /// <exception cref="InvalidOperationException">It was answered before.</exception>
    public abstract void SendFailure(Exception error);
}
