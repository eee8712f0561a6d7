using Sparkish.Keys;
using Sparkish.Serialization;

namespace Sparkish.Shuffle;

/// <summary>
/// The pairs of a reduce partition that is too large to combine in memory, in temporary files by further bits of their keys' hashes. Equal keys are in one
/// part, in their original order, and each part is small enough, or is spilled again.
/// </summary>
internal sealed class CombinerSpill<TKey, TValue> : IDisposable
{
    public const int Parts = 16;

    private const int BitsPerLevel = 4;

    private readonly KeyHasher<TKey> _hasher = KeyHasher<TKey>.Default;
    private readonly PartitionBuffer<(TKey Key, TValue Value)>[] _buffers;
    private readonly List<SpillFile> _files = [];
    private readonly Func<string> _newPath;
    private readonly long _maxBufferedBytes;
    private readonly int _level;
    private long _bufferedBytes;

    public CombinerSpill(Codec<(TKey Key, TValue Value)> codec, Func<string> newPath, long maxBufferedBytes, int level)
    {
        (_newPath, _maxBufferedBytes, _level) = (newPath, maxBufferedBytes, level);
        _buffers = [.. Enumerable.Range(0, Parts).Select(_ => new PartitionBuffer<(TKey Key, TValue Value)>(codec))];
    }

    /// <summary>Parts are distinguished by bits of a 32-bit hash; this many levels use enough of them for any memory size.</summary>
    public static int MaxLevels => 5;

    public int Level => _level;

    public void Write(ReadOnlySpan<(TKey Key, TValue Value)> pairs)
    {
        foreach (ref readonly var pair in pairs)
        {
            _bufferedBytes += _buffers[PartOf(_hasher.Hash(pair.Key), _level)].Append(pair);
            if (_bufferedBytes > _maxBufferedBytes) Flush();
        }
    }

    /// <summary>Ends the writing.</summary>
    public void Flush()
    {
        if (_bufferedBytes == 0) return;
        _files.Add(SpillFile.Write(_newPath(), Parts, (part, file) => _buffers[part].DrainTo(file)));
        _bufferedBytes = 0;
    }

    /// <summary>Reads a part with a function that is called for each batch.</summary>
    public void Read(int part, FrameReader<(TKey Key, TValue Value)> frames, Span<(TKey Key, TValue Value)> batch, PairsAction<TKey, TValue> take)
    {
        foreach (var file in _files)
        {
            file.Open(part, frames.Reset);
            for (int read; (read = frames.Read(batch)) > 0;) take(batch[..read]);
        }
    }

    public void Dispose()
    {
        foreach (var file in _files) file.Dispose();
        _files.Clear();
    }

    // The partitioner has used the plain hash, so its remainders are equal here: other bits are derived from all of it.
    internal static int PartOf(uint hash, int level)
    {
        var mixed = hash * 0x9E3779B97F4A7C15UL;
        mixed ^= mixed >> 29;
        mixed *= 0xBF58476D1CE4E5B9UL;
        return (int)(mixed >> (64 - (BitsPerLevel * (level + 1)))) & (Parts - 1);
    }
}
