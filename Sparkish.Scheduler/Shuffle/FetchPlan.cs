using Sparkish.Rpc;

namespace Sparkish.Shuffle;

/// <summary>Plans the requests of a reduce task to executors.</summary>
internal static class FetchPlan
{
    /// <summary>Bounds the length of a request's path.</summary>
    private const int MaxOutputsPerRequest = 1000;

    /// <summary>Groups non-empty outputs by executor, starting with another executor for each reduce partition.</summary>
    /// <exception cref="FetchFailedException">The location of an output is unknown.</exception>
    public static IEnumerable<FetchRequest> Make(IReadOnlyList<MapStatus?> statuses, int shuffleId, int reduceId)
    {
        var outputs = new List<MapOutput>();
        for (var mapIndex = 0; mapIndex < statuses.Count; mapIndex++)
        {
            var status = statuses[mapIndex] ?? throw new FetchFailedException(new FetchFailure(shuffleId, mapIndex, reduceId, null,
                $"The location of output {mapIndex} of shuffle {shuffleId} is unknown."));
            if (!status.IsEmpty(reduceId)) outputs.Add(new MapOutput(mapIndex, status));
        }

        var requests = outputs.GroupBy(static output => output.Status.ExecutorId)
            .SelectMany(static group => group.Chunk(MaxOutputsPerRequest))
            .Select(static chunk => new FetchRequest(chunk[0].Status.Address, chunk))
            .ToArray();
        var first = requests.Length == 0 ? 0 : reduceId % requests.Length;
        return requests.Skip(first).Concat(requests.Take(first));
    }
}

/// <summary>A map output and its position among the partitions of the map side.</summary>
internal sealed record MapOutput(int MapIndex, MapStatus Status);

/// <summary>One request to one executor.</summary>
internal sealed record FetchRequest(RpcAddress Address, IReadOnlyList<MapOutput> Outputs);
