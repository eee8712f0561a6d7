#pragma warning disable MA0048 // the plans of sorted collections belong together
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Graphs.Collections;

internal sealed class SortedDictionaryPlan<TKey, TValue>(Type type)
    : MapPlan<SortedDictionary<TKey, TValue>, TKey, TValue, IComparer<TKey>>(type) where TKey : notnull
{
    protected override int OverheadEach => base.OverheadEach + 48;

    protected override int Overhead => 128;

    protected override void WriteComparer(ObjectWriter writer, SortedDictionary<TKey, TValue> map) => Comparers.Write(writer, map.Comparer);

    protected override (TKey[] Keys, TValue[] Values) Entries(SortedDictionary<TKey, TValue> map) => Split(map, map.Count);

    protected override void Init(SortedDictionary<TKey, TValue> map, int count, IComparer<TKey>? comparer) => Construct(map, comparer);

    protected override bool AreReady(ObjectReader reader, int openBefore, TKey[] keys, IComparer<TKey>? comparer) => Keys.AreReady(reader, openBefore);

    protected override void Fill(
        ObjectReader reader, SortedDictionary<TKey, TValue> map, IComparer<TKey>? comparer, TKey[] keys, TValue[] values)
    {
        for (var i = 0; i < keys.Length; i++) map.Add(keys[i], values[i]);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(SortedDictionary<TKey, TValue> map, IComparer<TKey>? comparer);
}

internal sealed class SortedListPlan<TKey, TValue>(Type type)
    : MapPlan<SortedList<TKey, TValue>, TKey, TValue, IComparer<TKey>>(type) where TKey : notnull
{
    protected override void WriteComparer(ObjectWriter writer, SortedList<TKey, TValue> map) => Comparers.Write(writer, map.Comparer);

    protected override (TKey[] Keys, TValue[] Values) Entries(SortedList<TKey, TValue> map) => Split(map, map.Count);

    protected override void Init(SortedList<TKey, TValue> map, int count, IComparer<TKey>? comparer) => Construct(map, count, comparer);

    protected override bool AreReady(ObjectReader reader, int openBefore, TKey[] keys, IComparer<TKey>? comparer) => Keys.AreReady(reader, openBefore);

    protected override void Fill(ObjectReader reader, SortedList<TKey, TValue> map, IComparer<TKey>? comparer, TKey[] keys, TValue[] values)
    {
        // Keys out of order, as another culture's sort order may produce, would each move all later ones.
        Array.Sort(keys, values, comparer);
        for (var i = 0; i < keys.Length; i++) map.Add(keys[i], values[i]);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(SortedList<TKey, TValue> map, int capacity, IComparer<TKey>? comparer);
}

internal sealed class SortedSetPlan<T>(Type type) : SetPlan<SortedSet<T>, T, IComparer<T>>(type)
{
    protected override int OverheadEach => base.OverheadEach + 32;

    protected override T[] ToArray(SortedSet<T> set)
    {
        var elements = new T[set.Count];
        set.CopyTo(elements);
        return elements;
    }

    protected override void WriteComparer(ObjectWriter writer, SortedSet<T> set) => Comparers.Write(writer, set.Comparer);

    protected override void Init(SortedSet<T> set, int count, IComparer<T>? comparer) => Construct(set, comparer);

    protected override bool AreReady(ObjectReader reader, int openBefore, T[] elements, IComparer<T>? comparer) => Keys.AreReady(reader, openBefore);

    protected override bool Add(SortedSet<T> set, T element) => set.Add(element);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(SortedSet<T> set, IComparer<T>? comparer);
}
