using Sparkish.Benchmarks.Rpc.Bare;
using Sparkish.Rpc;

namespace Sparkish.Benchmarks.Rpc.Nodes;

/// <summary>One way from this process to the other: by our env, and by the bare connection that it is measured against.</summary>
/// <param name="Env">This process's env.</param>
/// <param name="Server">The other process's env.</param>
/// <param name="Bare">The other process's bare listener.</param>
/// <param name="Suffix">What the names of its figures end in: nothing, or <c>.tls</c>.</param>
internal sealed record Link(RpcEnv Env, RpcAddress Server, BarePeer Bare, string Suffix)
{
    public RpcEndpointRef Echo => Env.RefTo(new RpcEndpointAddress(Server, BenchNode.EchoName));

    public RpcEndpointRef Count => Env.RefTo(new RpcEndpointAddress(Server, BenchNode.CountName));
}
