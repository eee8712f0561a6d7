using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Graphs.Collections;

/// <summary>A collection that is created from its elements and cannot exist before them.</summary>
internal abstract class ImmutablePlan<TCollection, T>(Type type) : ObjectPlan(type) where TCollection : class
{
    private readonly ElementRun<T> _elements = new();

    public sealed override bool IsLate => true;

    /// <summary>The memory overhead of an element.</summary>
    protected virtual int OverheadEach => Unsafe.SizeOf<T>() + 48;

    public sealed override void Write(ObjectWriter writer, object value)
    {
        var elements = ToArray((TCollection)value);
        writer.Output.WriteCount(elements.Length);
        _elements.Write(writer, elements);
    }

    public sealed override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        var count = input.ReadCount();
        _elements.Expect(ref input, count, OverheadEach);
        return Make(_elements.Read(reader, ref input, count));
    }

    protected abstract T[] ToArray(TCollection collection);

    protected abstract TCollection Make(T[] elements);
}

/// <summary>An immutable map: the comparers, all keys, all values.</summary>
internal abstract class ImmutableMapPlan<TMap, TKey, TValue, TComparer>(Type type) : ObjectPlan(type)
    where TMap : class, IReadOnlyDictionary<TKey, TValue>
    where TKey : notnull
    where TComparer : class
{
    private readonly ElementRun<TKey> _keys = new();
    private readonly ElementRun<TValue> _values = new();

    public sealed override bool IsLate => true;

    public sealed override void Write(ObjectWriter writer, object value)
    {
        var map = (TMap)value;
        TKey[] keys = [.. map.Keys];
        writer.Output.WriteCount(keys.Length);
        WriteComparers(writer, map);
        _keys.Write(writer, keys);
        _values.Write(writer, [.. map.Values]);
    }

    public sealed override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        var count = input.ReadCount();
        var open = reader.OpenReferences;
        var keyComparer = Comparers.Read<TComparer>(reader, ref input);
        var valueComparer = HasValueComparer ? Comparers.Read<IEqualityComparer<TValue>>(reader, ref input) : null;
        _keys.Expect(ref input, count, 64 + (2 * Unsafe.SizeOf<TKey>()) + (2 * Unsafe.SizeOf<TValue>()));
        _values.Expect(ref input, count);
        var keys = _keys.ReadKeys(reader, ref input, count, keyComparer);
        Keys.Require(AreComplete(reader, open, keys, keyComparer), Type);
        var values = _values.Read(reader, ref input, count);
        Check(reader, keys, keyComparer);
        return Make(Pairs(keys, values), count, keyComparer, valueComparer);
    }

    protected virtual bool HasValueComparer => true;

    protected virtual bool AreComplete(ObjectReader reader, int openBefore, TKey[] keys, TComparer? comparer) =>
        Keys.AreComplete<TKey>(reader, openBefore, keys, comparer);

    protected virtual void Check(ObjectReader reader, TKey[] keys, TComparer? comparer) { }

    protected abstract void WriteComparers(ObjectWriter writer, TMap map);

    /// <summary>Creates the map; a duplicate key with a different value is an error.</summary>
    protected abstract TMap Make(
        IEnumerable<KeyValuePair<TKey, TValue>> entries, int count, TComparer? keyComparer, IEqualityComparer<TValue>? valueComparer);

    private static IEnumerable<KeyValuePair<TKey, TValue>> Pairs(TKey[] keys, TValue[] values)
    {
        for (var i = 0; i < keys.Length; i++) yield return new(keys[i], values[i]);
    }
}

/// <summary>An immutable set: the comparer and all elements.</summary>
internal abstract class ImmutableSetPlan<TSet, T, TComparer>(Type type) : ObjectPlan(type)
    where TSet : class, IReadOnlyCollection<T>
    where TComparer : class
{
    private readonly ElementRun<T> _elements = new();

    public sealed override bool IsLate => true;

    public sealed override void Write(ObjectWriter writer, object value)
    {
        var set = (TSet)value;
        T[] elements = [.. set];
        writer.Output.WriteCount(elements.Length);
        WriteComparer(writer, set);
        _elements.Write(writer, elements);
    }

    public sealed override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        var count = input.ReadCount();
        var open = reader.OpenReferences;
        var comparer = Comparers.Read<TComparer>(reader, ref input);
        _elements.Expect(ref input, count, 64 + (2 * Unsafe.SizeOf<T>()));
        var elements = _elements.ReadKeys(reader, ref input, count, comparer);
        Keys.Require(AreComplete(reader, open, elements, comparer), Type);
        Check(reader, elements, comparer);
        var set = Make(elements, comparer);
        return set.Count == count ? set : throw new SerializationException($"The input holds a {Type} with elements that are equal here.");
    }

    protected virtual bool AreComplete(ObjectReader reader, int openBefore, T[] elements, TComparer? comparer) =>
        Keys.AreComplete<T>(reader, openBefore, elements, comparer);

    protected virtual void Check(ObjectReader reader, T[] elements, TComparer? comparer) { }

    protected abstract void WriteComparer(ObjectWriter writer, TSet set);

    protected abstract TSet Make(T[] elements, TComparer? comparer);
}
