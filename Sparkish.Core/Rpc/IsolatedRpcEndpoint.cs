namespace Sparkish.Rpc;

/// <summary>
/// An endpoint with a thread of its own, named <c>dispatcher-NAME</c>: for what must go on when the thread pool is busy, and for handlers that cannot help
/// to block for a moment. Its timers fire and its messages leave on that thread; what peers send is read on the pool. Otherwise as any endpoint: one message at
/// a time. In simulation it runs on the simulation's thread.
/// </summary>
public abstract class IsolatedRpcEndpoint : RpcEndpoint;
