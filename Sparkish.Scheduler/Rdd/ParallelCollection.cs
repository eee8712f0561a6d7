namespace Sparkish;

/// <summary>A collection of the driver, cut into slices that travel with their tasks.</summary>
internal sealed class ParallelCollection<T> : Computation<T>
{
    public override PartitionReader<T> Open(Partition partition, TaskContext context) => new Reader(((Slice)partition).Elements, context);

    /// <summary>Cuts a collection into slices of equal size, give or take one.</summary>
    public static Partition[] Cut(ReadOnlySpan<T> elements, int slices)
    {
        var partitions = new Partition[slices];
        for (var i = 0; i < slices; i++)
        {
            var start = (int)((long)i * elements.Length / slices);
            var end = (int)((i + 1L) * elements.Length / slices);
            partitions[i] = new Slice(i, elements[start..end].ToArray());
        }

        return partitions;
    }

    private sealed class Slice(int index, T[] elements) : Partition(index)
    {
        public T[] Elements { get; } = elements;
    }

    private sealed class Reader(ReadOnlyMemory<T> rest, TaskContext context) : PartitionReader<T>
    {
        private ReadOnlyMemory<T> _rest = rest;

        public override int Read(Span<T> batch)
        {
            context.ThrowIfKilled();
            var count = Math.Min(_rest.Length, batch.Length);
            _rest.Span[..count].CopyTo(batch);
            _rest = _rest[count..];
            return count;
        }
    }
}
