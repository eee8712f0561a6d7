using Sparkish.Compute;
using Sparkish.Dag;
using Sparkish.Rpc;
using Sparkish.Serialization;
using Sparkish.Shuffle;

namespace Sparkish.Tests.Dag;

/// <summary>Jobs for tests of the scheduling of stages: lineages without data.</summary>
internal static class DagJobs
{
    public static ActiveJob Plain(int jobId, int partitions) => Job(jobId, Source(id: 1000 + jobId, partitions));

    /// <summary>A job over a shuffle of its own, with number 0.</summary>
    public static ActiveJob Shuffled(int jobId, int maps, int reduces) => Over(jobId, Shuffle(maps, reduces), reduces);

    public static ActiveJob Over(int jobId, ShuffleDependency shuffle, int partitions) => Job(jobId, Reduce(id: 2000 + jobId, shuffle, partitions));

    public static ShuffleDependency Shuffle(int maps, int reduces) => new(Source(id: 0, maps), shuffleId: 0, reduces, new NoOperation());

    /// <summary>Two shuffles, one after the other, and a result stage.</summary>
    public static ActiveJob Chain(int jobId, int maps, int middle, int reduces)
    {
        var first = Shuffle(maps, middle);
        var second = new ShuffleDependency(Reduce(id: 1, first, middle), shuffleId: 1, reduces, new NoOperation());
        return Over(jobId, second, reduces);
    }

    public static MapStatus Output(string executor) => new(executor, new RpcAddress(executor, 1), MapId: 0, [1]);

    private static ActiveJob Job(int jobId, Lineage rdd) => new(jobId, rdd, new NoOperation(), [.. Enumerable.Range(0, rdd.Partitions.Length)]);

    private static Lineage Source(int id, int partitions) => new(id, "Source", [], () => ShuffledPartition.Make(partitions));

    private static Lineage Reduce(int id, ShuffleDependency shuffle, int partitions) => new(id, "Reduce", [shuffle], () => ShuffledPartition.Make(partitions));

    private sealed class NoOperation : TaskOperation
    {
        public override void Run(Partition partition, TaskContext context, ByteWriter result) =>
            throw new InvalidOperationException("No task of this test runs.");
    }
}
