using Sparkish.Rpc;

namespace Sparkish.Shuffle;

/// <summary>Decides what a reduce task asks whom for.</summary>
internal static class FetchPlan
{
    /// <summary>Bounds the length of a request's path.</summary>
    private const int MaxOutputsPerRequest = 1000;

    /// <summary>Groups non-empty outputs by executor, starting with another executor for each reduce partition.</summary>
    /// <exception cref="FetchFailedException">An output has no place.</exception>
    public static IEnumerable<FetchRequest> Make(IReadOnlyList<MapStatus?> statuses, int shuffleId, int reduceId)
    {
        var outputs = new List<MapOutput>();
        for (var mapIndex = 0; mapIndex < statuses.Count; mapIndex++)
        {
            var status = statuses[mapIndex] ?? throw new FetchFailedException(new FetchFailure(shuffleId, mapIndex, reduceId, null,
                $"Nobody knows where output {mapIndex} of shuffle {shuffleId} lies."));
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

/// <summary>What is asked of one executor at once.</summary>
internal sealed record FetchRequest(RpcAddress Address, IReadOnlyList<MapOutput> Outputs);
