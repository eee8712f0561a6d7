using Sparkish.Compute;
using Sparkish.Serialization;

namespace Sparkish.Shuffle;

/// <summary>
/// Combines the pairs of a reduce partition: in memory while they fit, otherwise in parts that are spilled to temporary files and combined one after the other.
/// </summary>
internal sealed class ReducedReader<TKey, TValue> : PartitionReader<(TKey Key, TValue Value)>
{
    private readonly Func<TValue, TValue, TValue> _combine;
    private readonly TaskContext _context;
    private readonly Codec<(TKey Key, TValue Value)> _codec;
    private readonly ShuffleMemory _memory;
    private readonly CombinerSize<TKey, TValue> _size;
    private readonly (TKey Key, TValue Value)[] _batch = new (TKey Key, TValue Value)[BatchSize];
    private readonly Stack<(CombinerSpill<TKey, TValue> Spill, int NextPart)> _spills = [];
    private CombinerMap<TKey, TValue> _combined = new();
    private int _next;

    public ReducedReader(Func<TValue, TValue, TValue> combine, TaskContext context, ShuffleMemory memory)
    {
        _combine = combine;
        _context = context;
        _memory = memory;
        _codec = context.Env.Serializer.CodecFor<(TKey Key, TValue Value)>();
        _size = new CombinerSize<TKey, TValue>(_codec, memory.ReduceSideBytes);
    }

    /// <summary>Reads all pairs of the partition.</summary>
    public void Combine(PartitionReader<(TKey Key, TValue Value)> source)
    {
        CombinerSpill<TKey, TValue>? spill = null;
        for (int read; (read = source.Read(_batch)) > 0;) Take(_batch.AsSpan(0, read), 0, ref spill);
        spill?.Flush();
    }

    public override int Read(Span<(TKey Key, TValue Value)> batch)
    {
        while (true)
        {
            var count = _combined.CopyTo(_next, batch);
            _next += count;
            if (count > 0 || !CombineNextPart()) return count;
        }
    }

    protected override void Close()
    {
        _combined.Dispose();
        foreach (var (spill, _) in _spills) spill.Dispose();
        _spills.Clear();
    }

    private bool CombineNextPart()
    {
        if (!_spills.TryPop(out var top)) return false;
        if (top.NextPart == CombinerSpill<TKey, TValue>.Parts)
        {
            top.Spill.Dispose();
            return CombineNextPart();
        }

        _spills.Push((top.Spill, top.NextPart + 1));
        StartAnew();
        CombinerSpill<TKey, TValue>? deeper = null;
        var frames = new FrameReader<(TKey Key, TValue Value)>(_context.Env.Serialization, _codec);
        top.Spill.Read(top.NextPart, frames, _batch, pairs =>
        {
            _context.ThrowIfKilled();
            Take(pairs, top.Spill.Level + 1, ref deeper);
        });
        deeper?.Flush();
        return true;
    }

    private void Take(ReadOnlySpan<(TKey Key, TValue Value)> pairs, int level, ref CombinerSpill<TKey, TValue>? spill)
    {
        if (spill is not null)
        {
            spill.Write(pairs);
            return;
        }

        _combined.MergeAll(pairs, _combine);
        if (level < CombinerSpill<TKey, TValue>.MaxLevels && _size.IsFull(_combined, pairs.Length)) spill = Spill(level);
    }

    /// <summary>Moves the combined pairs so far to files, before the remaining ones.</summary>
    private CombinerSpill<TKey, TValue> Spill(int level)
    {
        var spill = new CombinerSpill<TKey, TValue>(_codec, ShuffleEnv.Of(_context).Shuffle.NewTemporaryPath, _memory.BufferBytes, level);
        _spills.Push((spill, 0)); // owned from here on, whatever fails
        var batch = new (TKey Key, TValue Value)[BatchSize];
        for (int start = 0, count; (count = _combined.CopyTo(start, batch)) > 0; start += count) spill.Write(batch.AsSpan(0, count));
        StartAnew();
        return spill;
    }

    private void StartAnew()
    {
        _combined.Dispose();
        _combined = new CombinerMap<TKey, TValue>();
        _size.Reset();
        _next = 0;
    }
}
