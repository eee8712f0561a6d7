namespace Sparkish.Rpc;

/// <summary>
/// An endpoint with a thread of its own, named <c>dispatcher-NAME</c>: for what must answer even when the thread pool is busy, and for handlers that
/// cannot help to block for a moment. Otherwise as any endpoint: one message at a time. In simulation it runs on the simulation's thread.
/// </summary>
public abstract class IsolatedRpcEndpoint : RpcEndpoint;
