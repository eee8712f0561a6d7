using System.Globalization;
using Sparkish.Benchmarks.Rpc.Nodes;
using Sparkish.Rpc;

namespace Sparkish.Benchmarks.Rpc.Loads;

/// <summary>Many endpoints that have started and then hear nothing.</summary>
internal static class IdleLoad
{
    /// <summary>The bytes that the heap keeps for each: the endpoint, its name, its inbox and its entry in the env.</summary>
    public static async Task<double[]> MeasureAsync(int endpoints)
    {
        await using var env = BenchNode.Create("idle", null);
        using var started = new CountdownEvent(endpoints);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var i = 0; i < endpoints; i++) env.SetupEndpoint(string.Create(CultureInfo.InvariantCulture, $"e{i}"), new IdleEndpoint(started));
        await Task.Run(started.Wait);

        return [(double)(GC.GetTotalMemory(forceFullCollection: true) - before) / endpoints];
    }

    private sealed class IdleEndpoint(CountdownEvent started) : RpcEndpoint
    {
        public override void OnStart() => started.Signal();
    }
}
