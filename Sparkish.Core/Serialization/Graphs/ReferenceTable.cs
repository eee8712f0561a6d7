using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Graphs;

/// <summary>The objects of a graph by identity, numbered in the order of their first occurrence.</summary>
internal sealed class ReferenceTable
{
    private const int Smallest = 32;

    // Slots contain a number plus one, or zero; open addressing at half load at most.
    private int[] _slots = new int[2 * Smallest];
    private object?[] _objects = new object?[Smallest];
    private bool[] _isOpen = new bool[Smallest];
    private int _count;

    public int Capacity => _objects.Length;

    /// <summary>The number of an object, or -1.</summary>
    public int Find(object value) => _slots[SlotOf(value)] - 1;

    /// <summary>Returns the number of an object, and assigns one if it has none.</summary>
    /// <param name="value">The object.</param>
    /// <param name="isOpen">Whether it cannot be referred to until <see cref="Close"/>.</param>
    /// <param name="id">Its number.</param>
    public bool TryAdd(object value, bool isOpen, out int id)
    {
        var slot = SlotOf(value);
        id = _slots[slot] - 1;
        if (id >= 0) return false;
        if (_count == _objects.Length)
        {
            Grow();
            slot = SlotOf(value);
        }

        id = _count++;
        _slots[slot] = _count;
        _objects[id] = value;
        _isOpen[id] = isOpen;
        return true;
    }

    public bool IsOpen(int id) => _isOpen[id];

    public void Close(int id) => _isOpen[id] = false;

    public void Clear()
    {
        Array.Clear(_slots);
        Array.Clear(_objects, 0, _count);
        _count = 0;
    }

    private int SlotOf(object value)
    {
        // The identity hash is random in all its bits but the upper ones.
        var mask = _slots.Length - 1;
        var slot = RuntimeHelpers.GetHashCode(value) & mask;
        while (_slots[slot] is not 0 and var number && !ReferenceEquals(_objects[number - 1], value)) slot = (slot + 1) & mask;
        return slot;
    }

    private void Grow()
    {
        Array.Resize(ref _objects, 2 * _count);
        Array.Resize(ref _isOpen, 2 * _count);
        _slots = new int[4 * _count];
        for (var id = 0; id < _count; id++) _slots[SlotOf(_objects[id]!)] = id + 1;
    }
}
