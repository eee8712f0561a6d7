using System.Runtime.CompilerServices;
using Sparkish.Serialization;

namespace Sparkish.Shuffle;

/// <summary>
/// Compares the size of a <see cref="CombinerMap{TKey, TValue}"/> with a limit, like Spark's SizeTracker. Some entries are serialized periodically, less often
/// as the map grows. Objects are assumed to need a multiple of their serialized size.
/// </summary>
internal sealed class CombinerSize<TKey, TValue>(Codec<(TKey Key, TValue Value)> codec, long limit)
{
    private const int Samples = 16;
    private const int MaxSampledBytes = 1 << 20;
    private const int ObjectBytes = 40;
    private const int BytesPerSerializedByte = 4;

    /// <summary>The table has two to four slots of eight bytes for each entry.</summary>
    private const int SlotBytes = 32;

    private readonly ByteWriter _sample = new();
    private readonly (TKey Key, TValue Value)[] _one = new (TKey Key, TValue Value)[1];
    private long _pairs;
    private long _nextPairs = 256;
    private int _nextCount = Samples;

    /// <summary>Whether the map has reached its limit, or a part of it if the heap is nearly full; called after pairs were merged.</summary>
    public bool IsFull(CombinerMap<TKey, TValue> map, int mergedPairs)
    {
        _pairs += mergedPairs;
        if (map.Count < _nextCount && _pairs < _nextPairs) return false;
        _nextCount = map.Count + Math.Max(Samples, map.Count / 8);
        _nextPairs = _pairs + Math.Max(256, _pairs / 4);
        var bytes = Estimate(map);
        return bytes >= limit || (bytes >= limit / 8 && ShuffleMemory.IsHeapNearlyFull());
    }

    /// <summary>Resets the estimate for an empty map.</summary>
    public void Reset()
    {
        _pairs = 0;
        _nextPairs = 256;
        _nextCount = Samples;
    }

    internal long Estimate(CombinerMap<TKey, TValue> map)
    {
        var each = (long)Unsafe.SizeOf<(TKey, TValue)>() + sizeof(long) + SlotBytes;
        return map.Count * (RuntimeHelpers.IsReferenceOrContainsReferences<(TKey, TValue)>() ? each + SampleObjects(map) : each);
    }

    private long SampleObjects(CombinerMap<TKey, TValue> map)
    {
        if (map.Count == 0) return 0;
        _sample.Clear();
        var sampled = 0;
        while (sampled < Samples && _sample.Length < MaxSampledBytes)
        {
            map.CopyTo((int)((long)map.Count * sampled / Samples), _one);
            codec.Write(_sample, _one[0]);
            sampled++;
        }

        _one[0] = default;
        return ObjectBytes + ((long)_sample.Length * BytesPerSerializedByte / sampled);
    }
}
