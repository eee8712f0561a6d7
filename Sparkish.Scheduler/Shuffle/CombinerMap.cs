using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sparkish.Keys;

namespace Sparkish.Shuffle;

/// <summary>
/// A hash map for combining values by key. Entries are appended, and an open-addressed table of 64-bit slots (hash and entry number) without references points
/// at them. The garbage collector never scans the table, and a look-up that misses touches one cache line. Entries are stored in chunks that are never copied
/// and stay below the large object heap's threshold, and tables are pooled. Growing by doubling caused a full collection for every other map task.
/// </summary>
internal sealed class CombinerMap<TKey, TValue> : IDisposable
{
    private const int InitialSlots = 1024;
    private const int ChunkBits = 10;
    private const int ChunkSize = 1 << ChunkBits;

    private readonly KeyHasher<TKey> _hasher = KeyHasher<TKey>.Default;
    private readonly EqualityComparer<TKey> _comparer = EqualityComparer<TKey>.Default;
    private readonly List<Entry[]> _chunks = [];
    private ulong[] _slots = RentSlots(InitialSlots);
    private uint _mask = InitialSlots - 1;
    private int _count;

    public int Count => _count;

    public void MergeAll(ReadOnlySpan<(TKey Key, TValue Value)> pairs, Func<TValue, TValue, TValue> combine)
    {
        foreach (ref readonly var pair in pairs)
        {
            ref var value = ref Find(pair.Key, _hasher.Hash(pair.Key), out var exists);
            value = exists ? combine(value, pair.Value) : pair.Value;
        }
    }

    /// <summary>Writes all pairs and forgets them.</summary>
    public void DrainTo(ShuffleWriter<TKey, TValue> writer)
    {
        for (var i = 0; i < _count; i++)
        {
            ref readonly var entry = ref EntryAt(i);
            writer.Write((entry.Key, entry.Value), entry.Hash);
        }

        Array.Clear(_slots);
        _chunks.Clear();
        _count = 0;
    }

    /// <summary>Returns the table to the pool; the map is then empty and unusable.</summary>
    public void Dispose()
    {
        ArrayPool<ulong>.Shared.Return(_slots);
        _slots = [];
        _chunks.Clear();
        _count = 0;
    }

    /// <summary>Copies pairs from a position; returns their number.</summary>
    public int CopyTo(int start, Span<(TKey Key, TValue Value)> batch)
    {
        var count = Math.Min(batch.Length, _count - start);
        for (var i = 0; i < count; i++)
        {
            ref readonly var entry = ref EntryAt(start + i);
            batch[i] = (entry.Key, entry.Value);
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref TValue Find(TKey key, uint hash, out bool exists)
    {
        for (var slot = hash & _mask; ; slot = (slot + 1) & _mask)
        {
            var found = _slots[slot];
            if (found == 0) break;
            if ((uint)(found >> 32) != hash) continue;
            ref var entry = ref EntryAt((int)(uint)found - 1);
            if (AreEqual(entry.Key, key))
            {
                exists = true;
                return ref entry.Value;
            }
        }

        exists = false;
        return ref Append(key, hash);
    }

    /// <summary>For value types the JIT compiler inlines the default comparer; for references a field saves its look-up in shared code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool AreEqual(TKey x, TKey y) => typeof(TKey).IsValueType ? EqualityComparer<TKey>.Default.Equals(x, y) : _comparer.Equals(x, y);

    private ref TValue Append(TKey key, uint hash)
    {
        // At most half full, so that look-ups of missing keys stay short.
        if (_count > _mask / 2) Grow();
        if ((_count & (ChunkSize - 1)) == 0) _chunks.Add(new Entry[ChunkSize]);
        ref var entry = ref EntryAt(_count++);
        entry.Key = key;
        entry.Hash = hash;
        Place(hash, _count);
        return ref entry.Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Entry EntryAt(int index) => ref CollectionsMarshal.AsSpan(_chunks)[index >> ChunkBits][index & (ChunkSize - 1)];

    private void Grow()
    {
        ArrayPool<ulong>.Shared.Return(_slots);
        _slots = RentSlots(checked((int)((_mask + 1) * 2)));
        _mask = (_mask * 2) + 1;
        for (var i = 0; i < _count; i++) Place(EntryAt(i).Hash, i + 1);
    }

    private void Place(uint hash, int entry)
    {
        var slot = hash & _mask;
        while (_slots[slot] != 0) slot = (slot + 1) & _mask;
        _slots[slot] = ((ulong)hash << 32) | (uint)entry;
    }

    /// <summary>Rents an empty table; the pool may return a larger array, whose rest is not used.</summary>
    private static ulong[] RentSlots(int count)
    {
        var slots = ArrayPool<ulong>.Shared.Rent(count);
        Array.Clear(slots);
        return slots;
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Entry
    {
        public TKey Key;
        public TValue Value;
        public uint Hash;
    }
}
