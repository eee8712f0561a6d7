using Sparkish.Compute;
using Sparkish.Serialization;

namespace Sparkish.Shuffle;

/// <summary>
/// A map task: computes its pairs, combines those of equal keys if the shuffle says so, and writes them by partition. Answers with a <see cref="MapStatus"/>.
/// </summary>
internal sealed class ShuffleMapOperation<TKey, TValue>(Computation<(TKey Key, TValue Value)> source, ShuffleDescription<TKey, TValue> shuffle) : TaskOperation
{
    public override void Run(Partition partition, TaskContext context, ByteWriter result)
    {
        using var reader = source.Open(partition, context);
        using var writer = new ShuffleWriter<TKey, TValue>(
            shuffle.Partitioner, ShuffleOptions.From(context.Env.Conf), ShuffleEnv.Of(context).Shuffle, shuffle.ShuffleId, context.TaskAttemptId,
            context.Env.Serializer.CodecFor<(TKey Key, TValue Value)>());
        if (shuffle.Combine is null) WriteAll(reader, writer);
        else WriteCombined(reader, writer, shuffle.Combine, ShuffleOptions.From(context.Env.Conf).MaxCombinedKeys);
        var sizes = writer.Commit();
        var status = new MapStatus(context.Env.ExecutorId, context.Env.Rpc.Address, context.TaskAttemptId, [.. sizes.Select(MapStatus.EncodeSize)]);
        Codec.For<MapStatus>().Write(result, status);
    }

    private static void WriteAll(PartitionReader<(TKey Key, TValue Value)> reader, ShuffleWriter<TKey, TValue> writer)
    {
        var batch = new (TKey Key, TValue Value)[PartitionReader<(TKey, TValue)>.BatchSize];
        for (int read; (read = reader.Read(batch)) > 0;)
        {
            foreach (ref readonly var pair in batch.AsSpan(0, read)) writer.Write(pair);
        }
    }

    private static void WriteCombined(
        PartitionReader<(TKey Key, TValue Value)> reader, ShuffleWriter<TKey, TValue> writer, Func<TValue, TValue, TValue> combine, int maxKeys)
    {
        using var combined = new CombinerMap<TKey, TValue>();
        var batch = new (TKey Key, TValue Value)[PartitionReader<(TKey, TValue)>.BatchSize];
        for (int read; (read = reader.Read(batch)) > 0;)
        {
            combined.MergeAll(batch.AsSpan(0, read), combine);

            // What is written early is combined again on the reduce side, so memory is bounded without a merge here.
            if (combined.Count >= maxKeys) combined.DrainTo(writer);
        }

        combined.DrainTo(writer);
    }
}
