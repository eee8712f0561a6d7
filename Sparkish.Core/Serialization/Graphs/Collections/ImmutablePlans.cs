#pragma warning disable MA0048 // the plans of immutable collections belong together
using System.Collections.Immutable;

namespace Sparkish.Serialization.Graphs.Collections;

internal sealed class ImmutableListPlan<T>(Type type) : ImmutablePlan<ImmutableList<T>, T>(type)
{
    protected override T[] ToArray(ImmutableList<T> collection) => [.. collection];

    protected override ImmutableList<T> Make(T[] elements) => [.. elements];
}

internal sealed class ImmutableQueuePlan<T>(Type type) : ImmutablePlan<ImmutableQueue<T>, T>(type)
{
    protected override T[] ToArray(ImmutableQueue<T> collection) => [.. collection];

    protected override ImmutableQueue<T> Make(T[] elements) => [.. elements];
}

/// <summary>Immutable stacks, from the bottom.</summary>
internal sealed class ImmutableStackPlan<T>(Type type) : ImmutablePlan<ImmutableStack<T>, T>(type)
{
    protected override T[] ToArray(ImmutableStack<T> collection) => Reversed.Of(collection.ToArray());

    protected override ImmutableStack<T> Make(T[] elements) => ImmutableStack.CreateRange(elements);
}

internal sealed class ImmutableDictionaryPlan<TKey, TValue>(Type type)
    : ImmutableMapPlan<ImmutableDictionary<TKey, TValue>, TKey, TValue, IEqualityComparer<TKey>>(type) where TKey : notnull
{
    protected override void WriteComparers(ObjectWriter writer, ImmutableDictionary<TKey, TValue> map)
    {
        Comparers.Write(writer, map.KeyComparer);
        Comparers.Write(writer, map.ValueComparer);
    }

    protected override void Check(ObjectReader reader, TKey[] keys, IEqualityComparer<TKey>? comparer) =>
        reader.KeyWork.CheckFlooding(keys, comparer, capacity: 0);

    protected override ImmutableDictionary<TKey, TValue> Make(
        IEnumerable<KeyValuePair<TKey, TValue>> entries, int count, IEqualityComparer<TKey>? keyComparer, IEqualityComparer<TValue>? valueComparer)
    {
        var map = ImmutableDictionary.CreateBuilder(keyComparer, valueComparer);
        foreach (var (key, value) in entries) map.Add(key, value);
        return map.Count == count ? map.ToImmutable() : throw Keys.Duplicate(map.Count, Type);
    }
}

internal sealed class ImmutableSortedDictionaryPlan<TKey, TValue>(Type type)
    : ImmutableMapPlan<ImmutableSortedDictionary<TKey, TValue>, TKey, TValue, IComparer<TKey>>(type) where TKey : notnull
{
    protected override void WriteComparers(ObjectWriter writer, ImmutableSortedDictionary<TKey, TValue> map)
    {
        Comparers.Write(writer, map.KeyComparer);
        Comparers.Write(writer, map.ValueComparer);
    }

    protected override bool AreComplete(ObjectReader reader, int openBefore, TKey[] keys, IComparer<TKey>? comparer) => Keys.AreComplete(reader, openBefore);

    protected override ImmutableSortedDictionary<TKey, TValue> Make(
        IEnumerable<KeyValuePair<TKey, TValue>> entries, int count, IComparer<TKey>? keyComparer, IEqualityComparer<TValue>? valueComparer)
    {
        var map = ImmutableSortedDictionary.CreateBuilder(keyComparer, valueComparer);
        foreach (var (key, value) in entries) map.Add(key, value);
        return map.Count == count ? map.ToImmutable() : throw Keys.Duplicate(map.Count, Type);
    }
}

internal sealed class ImmutableHashSetPlan<T>(Type type) : ImmutableSetPlan<ImmutableHashSet<T>, T, IEqualityComparer<T>>(type)
{
    protected override void WriteComparer(ObjectWriter writer, ImmutableHashSet<T> set) => Comparers.Write(writer, set.KeyComparer);

    protected override void Check(ObjectReader reader, T[] elements, IEqualityComparer<T>? comparer) =>
        reader.KeyWork.CheckFlooding(elements, comparer, capacity: 0);

    protected override ImmutableHashSet<T> Make(T[] elements, IEqualityComparer<T>? comparer) => ImmutableHashSet.CreateRange(comparer, elements);
}

internal sealed class ImmutableSortedSetPlan<T>(Type type) : ImmutableSetPlan<ImmutableSortedSet<T>, T, IComparer<T>>(type)
{
    protected override void WriteComparer(ObjectWriter writer, ImmutableSortedSet<T> set) => Comparers.Write(writer, set.KeyComparer);

    protected override bool AreComplete(ObjectReader reader, int openBefore, T[] elements, IComparer<T>? comparer) => Keys.AreComplete(reader, openBefore);

    protected override ImmutableSortedSet<T> Make(T[] elements, IComparer<T>? comparer) => ImmutableSortedSet.CreateRange(comparer, elements);
}
