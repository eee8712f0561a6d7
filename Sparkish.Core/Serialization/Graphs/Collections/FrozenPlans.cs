#pragma warning disable MA0048 // the plans of frozen collections belong together
using System.Collections.Frozen;

namespace Sparkish.Serialization.Graphs.Collections;

/// <summary>Frozen dictionaries, of any class that the framework chose for the keys; they are frozen again.</summary>
internal sealed class FrozenDictionaryPlan<TKey, TValue>(Type type)
    : ImmutableMapPlan<FrozenDictionary<TKey, TValue>, TKey, TValue, IEqualityComparer<TKey>>(type) where TKey : notnull
{
    protected override bool HasValueComparer => false;

    protected override void WriteComparers(ObjectWriter writer, FrozenDictionary<TKey, TValue> map) => Comparers.Write(writer, map.Comparer);

    protected override void Check(ObjectReader reader, TKey[] keys, IEqualityComparer<TKey>? comparer) =>
        reader.KeyWork.CheckFlooding(keys, comparer, new Dictionary<TKey, byte>(keys.Length).Capacity);

    protected override FrozenDictionary<TKey, TValue> Make(
        IEnumerable<KeyValuePair<TKey, TValue>> entries, int count, IEqualityComparer<TKey>? keyComparer, IEqualityComparer<TValue>? valueComparer)
    {
        var map = new Dictionary<TKey, TValue>(count, keyComparer);
        foreach (var (key, value) in entries)
        {
            if (!map.TryAdd(key, value)) throw Keys.Duplicate(key, Type);
        }

        return map.ToFrozenDictionary(keyComparer);
    }
}

/// <summary>Frozen sets, of any class that the framework chose for the elements; they are frozen again.</summary>
internal sealed class FrozenSetPlan<T>(Type type) : ImmutableSetPlan<FrozenSet<T>, T, IEqualityComparer<T>>(type)
{
    protected override void WriteComparer(ObjectWriter writer, FrozenSet<T> set) => Comparers.Write(writer, set.Comparer);

    protected override void Check(ObjectReader reader, T[] elements, IEqualityComparer<T>? comparer) =>
        reader.KeyWork.CheckFlooding(elements, comparer, new HashSet<T>(elements.Length).Capacity);

    protected override FrozenSet<T> Make(T[] elements, IEqualityComparer<T>? comparer)
    {
        var set = new HashSet<T>(elements.Length, comparer);
        set.UnionWith(elements);
        return set.ToFrozenSet(comparer);
    }
}
