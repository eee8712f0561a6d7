using Sparkish.Compute;
using Sparkish.Serialization;

namespace Sparkish.Shuffle;

/// <summary>
/// A map task: computes its pairs, combines those of equal keys if the shuffle requires it, and writes them by partition. Returns a <see cref="MapStatus"/>.
/// </summary>
internal sealed class ShuffleMapOperation<TKey, TValue>(Computation<(TKey Key, TValue Value)> source, ShuffleDescription<TKey, TValue> shuffle) : TaskOperation
{
    public override void Run(Partition partition, TaskContext context, ByteWriter result)
    {
        using var reader = source.Open(partition, context);
        var env = ShuffleEnv.Of(context);
        var options = ShuffleOptions.From(env.Conf, env.ShuffleMemory);
        var codec = env.Serializer.CodecFor<(TKey Key, TValue Value)>();
        using var writer = new ShuffleWriter<TKey, TValue>(shuffle.Partitioner, options, env.Shuffle, shuffle.ShuffleId, context.TaskAttemptId, codec);
        if (shuffle.Combine is null) WriteAll(reader, writer);
        else WriteCombined(reader, writer, shuffle.Combine, options.MaxCombinedKeys, new CombinerSize<TKey, TValue>(codec, env.ShuffleMemory.MapSideBytes));
        var sizes = writer.Commit();
        var status = new MapStatus(context.Env.ExecutorId, context.Env.Rpc.Address, context.TaskAttemptId, [.. sizes.Select(MapStatus.EncodeSize)]);
        Codec.For<MapStatus>().Write(result, status);
    }

    private static void WriteAll(PartitionReader<(TKey Key, TValue Value)> reader, ShuffleWriter<TKey, TValue> writer)
    {
        var batch = new (TKey Key, TValue Value)[PartitionReader<(TKey, TValue)>.ReadAhead];
        for (int read; (read = reader.Read(batch)) > 0;)
        {
            foreach (ref readonly var pair in batch.AsSpan(0, read)) writer.Write(pair);
        }
    }

    private static void WriteCombined(
        PartitionReader<(TKey Key, TValue Value)> reader, ShuffleWriter<TKey, TValue> writer, Func<TValue, TValue, TValue> combine, int maxKeys,
        CombinerSize<TKey, TValue> size)
    {
        using var combined = new CombinerMap<TKey, TValue>();
        var batch = new (TKey Key, TValue Value)[PartitionReader<(TKey, TValue)>.BatchSize];
        for (int read; (read = reader.Read(batch)) > 0;)
        {
            combined.MergeAll(batch.AsSpan(0, read), combine);

            // Pairs that are written early are combined again on the reduce side, so memory is bounded without a merge here.
            if (combined.Count < maxKeys && !size.IsFull(combined, read)) continue;
            combined.DrainTo(writer);
            size.Reset();
        }

        combined.DrainTo(writer);
    }
}
