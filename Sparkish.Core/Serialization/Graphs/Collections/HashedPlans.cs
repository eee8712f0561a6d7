#pragma warning disable MA0048 // the plans of hashed collections belong together
using System.Collections;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Graphs.Collections;

internal sealed class DictionaryPlan<TKey, TValue>(Type type)
    : MapPlan<Dictionary<TKey, TValue>, TKey, TValue, IEqualityComparer<TKey>>(type) where TKey : notnull
{
    protected override void WriteComparer(ObjectWriter writer, Dictionary<TKey, TValue> map) => Comparers.Write(writer, map.Comparer);

    protected override (TKey[] Keys, TValue[] Values) Entries(Dictionary<TKey, TValue> map) => Split(map, map.Count);

    protected override void Init(Dictionary<TKey, TValue> map, int count, IEqualityComparer<TKey>? comparer) => Construct(map, count, comparer);

    protected override void Fill(
        ObjectReader reader, Dictionary<TKey, TValue> map, IEqualityComparer<TKey>? comparer, TKey[] keys, TValue[] values)
    {
        reader.KeyWork.CheckFlooding(keys, comparer, map.Capacity);
        for (var i = 0; i < keys.Length; i++)
        {
            if (!map.TryAdd(keys[i], values[i])) throw Keys.Duplicate(keys[i], Type);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(Dictionary<TKey, TValue> map, int capacity, IEqualityComparer<TKey>? comparer);
}

internal sealed class OrderedDictionaryPlan<TKey, TValue>(Type type)
    : MapPlan<OrderedDictionary<TKey, TValue>, TKey, TValue, IEqualityComparer<TKey>>(type) where TKey : notnull
{
    protected override void WriteComparer(ObjectWriter writer, OrderedDictionary<TKey, TValue> map) => Comparers.Write(writer, map.Comparer);

    protected override (TKey[] Keys, TValue[] Values) Entries(OrderedDictionary<TKey, TValue> map) => Split(map, map.Count);

    protected override void Init(OrderedDictionary<TKey, TValue> map, int count, IEqualityComparer<TKey>? comparer) => Construct(map, count, comparer);

    protected override void Fill(
        ObjectReader reader, OrderedDictionary<TKey, TValue> map, IEqualityComparer<TKey>? comparer, TKey[] keys, TValue[] values)
    {
        reader.KeyWork.CheckFlooding(keys, comparer, map.Capacity);
        for (var i = 0; i < keys.Length; i++)
        {
            if (!map.TryAdd(keys[i], values[i])) throw Keys.Duplicate(keys[i], Type);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(OrderedDictionary<TKey, TValue> map, int capacity, IEqualityComparer<TKey>? comparer);
}

/// <summary>Concurrent dictionaries, as of one moment.</summary>
internal sealed class ConcurrentDictionaryPlan<TKey, TValue>(Type type)
    : MapPlan<ConcurrentDictionary<TKey, TValue>, TKey, TValue, IEqualityComparer<TKey>>(type) where TKey : notnull
{
    // An empty one has a lock and a count for each core.
    private static readonly int OverheadOfEmpty = 512 + (Environment.ProcessorCount * 40);

    protected override int Overhead => OverheadOfEmpty;

    protected override int OverheadEach => base.OverheadEach + 48;

    protected override void WriteComparer(ObjectWriter writer, ConcurrentDictionary<TKey, TValue> map) => Comparers.Write(writer, map.Comparer);

    protected override (TKey[] Keys, TValue[] Values) Entries(ConcurrentDictionary<TKey, TValue> map)
    {
        var entries = map.ToArray();
        return (Array.ConvertAll(entries, entry => entry.Key), Array.ConvertAll(entries, entry => entry.Value));
    }

    protected override void Init(ConcurrentDictionary<TKey, TValue> map, int count, IEqualityComparer<TKey>? comparer) =>
        Construct(map, concurrencyLevel: -1, count, comparer);

    protected override void Fill(
        ObjectReader reader, ConcurrentDictionary<TKey, TValue> map, IEqualityComparer<TKey>? comparer, TKey[] keys, TValue[] values)
    {
        // It grows when one bucket group fills up, so that keys that share a bucket but not a hash code are separated again.
        reader.KeyWork.CheckFlooding(keys, comparer, capacity: 0);
        for (var i = 0; i < keys.Length; i++)
        {
            if (!map.TryAdd(keys[i], values[i])) throw Keys.Duplicate(keys[i], Type);
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(
        ConcurrentDictionary<TKey, TValue> map, int concurrencyLevel, int capacity, IEqualityComparer<TKey>? comparer);
}

/// <summary>Hashtables. Their members are virtual; those of the framework's class are called nonetheless.</summary>
internal sealed class HashtablePlan(Type type) : MapPlan<Hashtable, object, object?, IEqualityComparer>(type)
{
    protected override void WriteComparer(ObjectWriter writer, Hashtable map) => Comparers.Write(writer, ComparerOf(map), common: null);

    protected override (object[] Keys, object?[] Values) Entries(Hashtable map)
    {
        var entries = BaseCall.Of<Func<IDictionaryEnumerator>>(map, typeof(Hashtable), nameof(Hashtable.GetEnumerator))();
        var (keys, values) = (new List<object>(), new List<object?>());
        while (entries.MoveNext())
        {
            keys.Add(entries.Key);
            values.Add(entries.Value);
        }

        return ([.. keys], [.. values]);
    }

    protected override void Init(Hashtable map, int count, IEqualityComparer? comparer) => Construct(map, count, comparer);

    protected override void Fill(ObjectReader reader, Hashtable map, IEqualityComparer? comparer, object[] keys, object?[] values)
    {
        var generic = comparer is null ? null : EqualityComparer<object>.Create(comparer.Equals, comparer.GetHashCode);
        reader.KeyWork.CheckFlooding(keys, generic, capacity: 0);
        var add = BaseCall.Of<Action<object, object?>>(map, typeof(Hashtable), nameof(Hashtable.Add));
        for (var i = 0; i < keys.Length; i++) add(keys[i], values[i]);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(Hashtable map, int capacity, IEqualityComparer? comparer);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_EqualityComparer")]
    private static extern IEqualityComparer? ComparerOf(Hashtable map);
}

internal sealed class HashSetPlan<T>(Type type) : SetPlan<HashSet<T>, T, IEqualityComparer<T>>(type)
{
    protected override T[] ToArray(HashSet<T> set)
    {
        var elements = new T[set.Count];
        set.CopyTo(elements);
        return elements;
    }

    protected override void WriteComparer(ObjectWriter writer, HashSet<T> set) => Comparers.Write(writer, set.Comparer);

    protected override void Init(HashSet<T> set, int count, IEqualityComparer<T>? comparer) => Construct(set, count, comparer);

    protected override void Check(ObjectReader reader, HashSet<T> set, IEqualityComparer<T>? comparer, T[] elements) =>
        reader.KeyWork.CheckFlooding(elements, comparer, set.Capacity);

    protected override bool Add(HashSet<T> set, T element) => set.Add(element);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(HashSet<T> set, int capacity, IEqualityComparer<T>? comparer);
}
