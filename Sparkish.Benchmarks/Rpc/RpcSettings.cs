using Sparkish.Benchmarks.Rpc.Measuring;

namespace Sparkish.Benchmarks.Rpc;

/// <summary>How much is measured.</summary>
/// <param name="Pace">How long and how often each side runs.</param>
/// <param name="StreamBytes">The length of one stream.</param>
/// <param name="IdleEndpoints">How many endpoints are idle.</param>
internal sealed record RpcSettings(Pace Pace, long StreamBytes, int IdleEndpoints)
{
    public static RpcSettings Full(int rounds) =>
        new(new Pace(WarmUp: TimeSpan.FromSeconds(3), Measure: TimeSpan.FromSeconds(1.5), rounds), StreamBytes: 512L << 20, IdleEndpoints: 100_000);

    /// <summary>Only so much that each figure comes out; their values say nothing.</summary>
    public static RpcSettings Quick(int rounds) =>
        new(new Pace(WarmUp: TimeSpan.FromMilliseconds(1), Measure: TimeSpan.FromMilliseconds(20), rounds), StreamBytes: 1L << 20, IdleEndpoints: 1_000);
}
