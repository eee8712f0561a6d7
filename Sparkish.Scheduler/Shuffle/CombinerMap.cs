using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sparkish.Shuffle;

/// <summary>
/// A hash map for combining values by key: entries are appended, and an open-addressed table of 64-bit slots (hash and entry number) without
/// references points at them. The collector never scans the table, and a look-up that misses touches one cache line.
/// </summary>
internal sealed class CombinerMap<TKey, TValue>
{
    private const int InitialSlots = 1024;

    private readonly KeyHasher<TKey> _hasher = KeyHasher<TKey>.Default;
    private ulong[] _slots = new ulong[InitialSlots];
    private Entry[] _entries = new Entry[InitialSlots / 2];
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
        foreach (ref readonly var entry in _entries.AsSpan(0, _count)) writer.Write((entry.Key, entry.Value), entry.Hash);
        Array.Clear(_slots);
        Array.Clear(_entries, 0, _count);
        _count = 0;
    }

    /// <summary>Copies pairs from a position; returns how many.</summary>
    public int CopyTo(int start, Span<(TKey Key, TValue Value)> batch)
    {
        var count = Math.Min(batch.Length, _count - start);
        for (var i = 0; i < count; i++)
        {
            ref readonly var entry = ref _entries[start + i];
            batch[i] = (entry.Key, entry.Value);
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref TValue Find(TKey key, uint hash, out bool exists)
    {
        var mask = (uint)_slots.Length - 1;
        for (var slot = hash & mask; ; slot = (slot + 1) & mask)
        {
            var found = _slots[slot];
            if (found == 0) break;
            if ((uint)(found >> 32) != hash) continue;
            ref var entry = ref _entries[(int)(uint)found - 1];
            if (EqualityComparer<TKey>.Default.Equals(entry.Key, key))
            {
                exists = true;
                return ref entry.Value;
            }
        }

        exists = false;
        return ref Append(key, hash);
    }

    private ref TValue Append(TKey key, uint hash)
    {
        if (_count == _entries.Length) Grow();
        ref var entry = ref _entries[_count++];
        entry.Key = key;
        entry.Hash = hash;
        Place(_slots, hash, _count);
        return ref entry.Value;
    }

    private void Grow()
    {
        var slots = new ulong[checked(_slots.Length * 2)];
        Array.Resize(ref _entries, slots.Length / 2);
        for (var i = 0; i < _count; i++) Place(slots, _entries[i].Hash, i + 1);
        _slots = slots;
    }

    private static void Place(ulong[] slots, uint hash, int entry)
    {
        var mask = (uint)slots.Length - 1;
        var slot = hash & mask;
        while (slots[slot] != 0) slot = (slot + 1) & mask;
        slots[slot] = ((ulong)hash << 32) | (uint)entry;
    }

    [StructLayout(LayoutKind.Auto)]
    private struct Entry
    {
        public TKey Key;
        public TValue Value;
        public uint Hash;
    }
}
