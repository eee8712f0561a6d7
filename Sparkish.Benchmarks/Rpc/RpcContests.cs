using Sparkish.Benchmarks.Rpc.Bare;
using Sparkish.Benchmarks.Rpc.Loads;
using Sparkish.Benchmarks.Rpc.Measuring;
using Sparkish.Benchmarks.Rpc.Nodes;

namespace Sparkish.Benchmarks.Rpc;

/// <summary>All that <c>rpc</c> measures, in the order of the table.</summary>
internal static class RpcContests
{
    private const int SmallBytes = 64;
    private const int StreamBufferBytes = 1 << 20;
    private const int ManyOutstanding = 256;
    private const double IdleTargetBytes = 300;

    private static readonly int[] MessageBytes = [SmallBytes, 1024];
    private static readonly int[] Outstanding = [1, 16, ManyOutstanding];

    public static IEnumerable<Contest> All(ProcessPair pair, RpcSettings settings) =>
        [.. Local(pair, settings), .. pair.Links.SelectMany(link => Remote(link, settings))];

    private static IEnumerable<Contest> Local(ProcessPair pair, RpcSettings settings)
    {
        var env = pair.Local;
        yield return new Contest("channel", [new Metric("rpc.local.tell", "1/s")],
            duration => TellLoad.MeasureAsync(env, duration), TellLoad.MeasureChannelAsync);

        yield return new Contest("channels", [new Metric("rpc.local.pingpong", "1/s")],
            duration => PingPongLoad.MeasureAsync(env, duration), PingPongLoad.MeasureChannelAsync);

        yield return LocalAsk(pair, ManyOutstanding, "rpc.local.ask");
        yield return LocalAsk(pair, 1, "rpc.local.ask.1");

        yield return new Contest("target", [new Metric("rpc.idle.bytes", "B")],
            _ => IdleLoad.MeasureAsync(settings.IdleEndpoints), _ => Task.FromResult<double[]>([IdleTargetBytes]));
    }

    private static Contest LocalAsk(ProcessPair pair, int outstanding, string name)
    {
        var echo = pair.Local.SetupEndpoint(BenchNode.NextName("echo"), new EchoEndpoint());
        Metric[] metrics = [new Metric(name, "1/s"), new Metric($"{name}.p50", "s"), new Metric($"{name}.p99", "s"), new Metric($"{name}.bytes", "B")];
        return new Contest("channel", metrics,
            duration => AskLoad.MeasureAsync(echo, outstanding, SmallBytes, duration), duration => ChannelAskLoad.MeasureAsync(outstanding, duration));
    }

    private static IEnumerable<Contest> Remote(Link link, RpcSettings settings)
    {
        foreach (var bytes in MessageBytes)
        {
            yield return new Contest(link.Bare.Name, [new Metric($"rpc.remote.oneway.{bytes}{link.Suffix}", "1/s")],
                duration => OneWayLoad.MeasureAsync(link.Count, bytes, duration), duration => BareOneWay.MeasureAsync(link.Bare, bytes, duration));
        }

        foreach (var outstanding in Outstanding)
        {
            var name = $"rpc.remote.ask.{outstanding}";
            Metric[] metrics = [
                new Metric($"{name}{link.Suffix}", "1/s"), new Metric($"{name}.p50{link.Suffix}", "s"), new Metric($"{name}.p99{link.Suffix}", "s")];
            yield return new Contest(link.Bare.Name, metrics,
                duration => AskLoad.MeasureAsync(link.Echo, outstanding, SmallBytes, duration),
                duration => BarePipeline.MeasureAsync(link.Bare, outstanding, SmallBytes, duration));
        }

        foreach (var (name, mode) in new[] { ("rpc.bulk", BareMode.Memory), ("rpc.bulk.file", BareMode.File) })
        {
            yield return new Contest(link.Bare.Name, [new Metric($"{name}{link.Suffix}", "B/s")],
                duration => BulkLoad.MeasureAsync(link, mode, settings.StreamBytes, StreamBufferBytes, duration),
                duration => BareBulk.MeasureAsync(link.Bare, mode, settings.StreamBytes, StreamBufferBytes, duration));
        }
    }
}
