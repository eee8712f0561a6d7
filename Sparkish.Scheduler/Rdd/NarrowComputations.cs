#pragma warning disable MA0048 // the narrow computations are a few lines each
using Sparkish.Compute;

namespace Sparkish;

internal sealed class MapComputation<T, TResult>(Computation<T> source, Func<T, TResult> function) : Computation<TResult>
{
    public override PartitionReader<TResult> Open(Partition partition, TaskContext context) => new Reader(source.Open(partition, context), function);

    private sealed class Reader(PartitionReader<T> source, Func<T, TResult> function) : PartitionReader<TResult>
    {
        private readonly T[] _input = new T[PartitionReader<T>.ReadAhead];

        public override int Read(Span<TResult> batch)
        {
            var count = source.Read(_input.AsSpan(0, Math.Min(batch.Length, _input.Length)));
            var input = _input.AsSpan(0, count);
            for (var i = 0; i < input.Length; i++) batch[i] = function(input[i]);
            return count;
        }

        protected override void Close() => source.Dispose();
    }
}

internal sealed class FilterComputation<T>(Computation<T> source, Func<T, bool> predicate) : Computation<T>
{
    public override PartitionReader<T> Open(Partition partition, TaskContext context) => new Reader(source.Open(partition, context), predicate);

    private sealed class Reader(PartitionReader<T> source, Func<T, bool> predicate) : PartitionReader<T>
    {
        private readonly int _readAhead = ReadAhead;

        public override int Read(Span<T> batch)
        {
            while (true)
            {
                var count = source.Read(batch[..Math.Min(batch.Length, _readAhead)]);
                if (count == 0) return 0;

                // Compacts without a branch on the predicate: a badly predicted filter costs more than the store.
                var kept = 0;
                for (var i = 0; i < count; i++)
                {
                    var element = batch[i];
                    batch[kept] = element;
                    kept += predicate(element) ? 1 : 0;
                }

                if (kept > 0) return kept;
            }
        }

        protected override void Close() => source.Dispose();
    }
}

internal sealed class FlatMapComputation<T, TResult>(Computation<T> source, Func<T, IEnumerable<TResult>> function) : Computation<TResult>
{
    public override PartitionReader<TResult> Open(Partition partition, TaskContext context) => new Reader(source.Open(partition, context), function);

    private sealed class Reader(PartitionReader<T> source, Func<T, IEnumerable<TResult>> function) : PartitionReader<TResult>
    {
        private readonly T[] _input = new T[PartitionReader<T>.ReadAhead];
        private readonly SequenceCursor<TResult> _current = new();
        private int _next;
        private int _count;

        public override int Read(Span<TResult> batch)
        {
            var filled = 0;
            while (filled < batch.Length)
            {
                filled += _current.Read(batch[filled..]);
                if (filled == batch.Length) break;
                if (_next == _count)
                {
                    _next = 0;
                    _count = source.Read(_input);
                    if (_count == 0) break;
                }

                _current.Reset(function(_input[_next++]));
            }

            return filled;
        }

        protected override void Close()
        {
            _current.Dispose();
            source.Dispose();
        }
    }
}

internal sealed class MapPartitionsComputation<T, TResult>(Computation<T> source, Func<IEnumerable<T>, IEnumerable<TResult>> function)
    : Computation<TResult>
{
    public override PartitionReader<TResult> Open(Partition partition, TaskContext context) => new Reader(source.Open(partition, context), function);

    private sealed class Reader : PartitionReader<TResult>
    {
        private readonly PartitionReader<T> _source;
        private readonly SequenceCursor<TResult> _results = new();

        public Reader(PartitionReader<T> source, Func<IEnumerable<T>, IEnumerable<TResult>> function)
        {
            _source = source;
            _results.Reset(function(source.AsEnumerable()));
        }

        public override int Read(Span<TResult> batch) => _results.Read(batch);

        protected override void Close()
        {
            _results.Dispose();
            _source.Dispose();
        }
    }
}
