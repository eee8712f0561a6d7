namespace Sparkish.Rpc;

/// <summary>
/// An endpoint with its own thread, named <c>dispatcher-NAME</c>: for work that must continue while the thread pool is busy, and for handlers that have to
/// block briefly. Its timers fire and its messages are sent on that thread; messages from peers are read on the pool. Otherwise it is like any endpoint: one
/// message at a time. In simulation it runs on the simulation's thread.
/// </summary>
public abstract class IsolatedRpcEndpoint : RpcEndpoint;
