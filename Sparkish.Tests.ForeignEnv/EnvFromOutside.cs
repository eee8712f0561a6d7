using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;
using Sparkish.Rpc.Files;

namespace Sparkish.Tests.ForeignEnv;

/// <summary>What an env of another package gives or reads, each in one line that compiles without access to internals.</summary>
internal static class EnvFromOutside
{
    public static RpcEnvFileServer Serve(BulkServer bulk) => new(bulk, () => "spark://127.0.0.1:7077");

    public static long Send(BulkContent content) => content.Pieces.Sum(piece => piece.Length);

    public static bool MayCross(RpcEnvOptions options, object message) => options.Messages.TryGet(message.GetType(), out _);

    public static int Bound(ConcurrentRpcEndpoint endpoint) => endpoint.MaxConcurrency;
}
