namespace Sparkish.Rpc;

/// <summary>
/// An endpoint whose messages are handled several at a time, in no order: for read-mostly services whose state is safe for all threads.
/// <see cref="RpcEndpoint.OnStart"/> is still alone and first, <see cref="RpcEndpoint.OnStop"/> alone and last.
/// </summary>
public abstract class ConcurrentRpcEndpoint : RpcEndpoint
{
    /// <summary>
    /// How many handlers run at once at most; read once, when the endpoint is registered. The number of processors, and at least two, unless overridden.
    /// </summary>
    public virtual int MaxConcurrency => Math.Max(2, Environment.ProcessorCount);
}
