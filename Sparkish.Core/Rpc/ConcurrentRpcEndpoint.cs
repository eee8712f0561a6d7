namespace Sparkish.Rpc;

/// <summary>
/// An endpoint that handles several messages concurrently, in no order: for read-mostly services whose state is thread-safe. <see cref="RpcEndpoint.OnStart"/>
/// still runs alone and first, <see cref="RpcEndpoint.OnStop"/> alone and last.
/// </summary>
public abstract class ConcurrentRpcEndpoint : RpcEndpoint
{
    /// <summary>
    /// Maximum number of concurrent handlers, read once when the endpoint is registered. The default is the number of processors, but at least two.
    /// </summary>
    public virtual int MaxConcurrency => Math.Max(2, Environment.ProcessorCount);
}
