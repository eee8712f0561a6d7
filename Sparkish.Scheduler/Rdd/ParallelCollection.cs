using Sparkish.Compute;
using Sparkish.Serialization;

namespace Sparkish;

/// <summary>A collection of the driver, cut into slices that travel with their tasks as rows.</summary>
internal sealed class ParallelCollection<T> : Computation<T>
{
    public override PartitionReader<T> Open(Partition partition, TaskContext context) => new Reader((Slice)partition, context);

    /// <summary>Divides a collection into slices of equal size, give or take one.</summary>
    public static Partition[] Cut(ReadOnlySpan<T> elements, int slices, Codec<T> codec, SerializationContext context)
    {
        var partitions = new Partition[slices];
        var rows = new ByteWriter { Context = context };
        for (var i = 0; i < slices; i++)
        {
            var start = (int)((long)i * elements.Length / slices);
            var end = (int)((i + 1L) * elements.Length / slices);
            rows.Clear();
            codec.WriteAll(rows, elements[start..end]);
            partitions[i] = new Slice(i, end - start, rows.ToArray());
        }

        return partitions;
    }

    private sealed class Slice(int index, int count, byte[] rows) : Partition(index)
    {
        public int Count { get; } = count;

        public byte[] Rows { get; } = rows;
    }

    private sealed class Reader(Slice slice, TaskContext context) : PartitionReader<T>
    {
        private readonly Codec<T> _codec = context.Env.Serializer.CodecFor<T>();
        private int _read;
        private int _position;

        public override int Read(Span<T> batch)
        {
            context.ThrowIfKilled();
            var count = Math.Min(slice.Count - _read, batch.Length);
            var reader = new ByteReader(slice.Rows.AsSpan(_position), context.Env.OfDriver);
            _codec.ReadAll(ref reader, batch[..count]);
            _position += reader.Position;
            _read += count;
            return count;
        }
    }
}
