#pragma warning disable MA0048 // the common parts of hashed and sorted collections
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Graphs.Collections;

/// <summary>Collections of keys with values: the comparer, all keys, all values. They are rebuilt, as hash codes differ between processes.</summary>
internal abstract class MapPlan<TMap, TKey, TValue, TComparer>(Type type) : CollectionPlan<TMap>(type)
    where TMap : class
    where TComparer : class
{
    private readonly ElementRun<TKey> _keys = new();
    private readonly ElementRun<TValue> _values = new();

    /// <summary>The memory overhead of an entry besides its key and value, which temporarily exist twice.</summary>
    protected virtual int OverheadEach => 16 + Unsafe.SizeOf<TKey>() + Unsafe.SizeOf<TValue>();

    /// <summary>The memory of an empty one.</summary>
    protected virtual int Overhead => 0;

    protected abstract void WriteComparer(ObjectWriter writer, TMap map);

    /// <summary>All entries, in their order.</summary>
    protected abstract (TKey[] Keys, TValue[] Values) Entries(TMap map);

    /// <summary>Entries one by one: a map's <c>Keys</c> would be cached in the user's object.</summary>
    protected static (TKey[] Keys, TValue[] Values) Split(IEnumerable<KeyValuePair<TKey, TValue>> entries, int count)
    {
        var (keys, values, index) = (new TKey[count], new TValue[count], 0);
        foreach (var (key, value) in entries) (keys[index], values[index++]) = (key, value);
        return (keys, values);
    }

    protected abstract void Init(TMap map, int count, TComparer? comparer);

    /// <summary>Adds all entries; a duplicate key is an error.</summary>
    protected abstract void Fill(ObjectReader reader, TMap map, TComparer? comparer, TKey[] keys, TValue[] values);

    protected sealed override void WriteParts(ObjectWriter writer, TMap collection)
    {
        var (keys, values) = Entries(collection);
        writer.Output.WriteCount(keys.Length);
        WriteComparer(writer, collection);
        _keys.Write(writer, keys);
        _values.Write(writer, values);
    }

    protected sealed override void ReadParts(ObjectReader reader, ref ByteReader input, TMap collection)
    {
        var count = input.ReadCount();
        var open = reader.OpenReferences;
        var comparer = Comparers.Read<TComparer>(reader, ref input);
        _keys.Expect(ref input, count, OverheadEach);
        _values.Expect(ref input, count);
        if (Overhead > 0) input.Charge(1, Overhead);
        Init(collection, count, comparer);
        var keys = _keys.ReadKeys(reader, ref input, count, comparer);
        var areReady = AreReady(reader, open, keys, comparer);
        var values = _values.Read(reader, ref input, count);
        if (areReady) Fill(reader, collection, comparer, keys, values);
        else Defer(reader, collection, comparer, keys, values);
    }

    protected virtual bool AreReady(ObjectReader reader, int openBefore, TKey[] keys, TComparer? comparer) =>
        Keys.AreReady<TKey>(reader, openBefore, keys, comparer);

    private void Defer(ObjectReader reader, TMap map, TComparer? comparer, TKey[] keys, TValue[] values) => reader.Defer(() =>
    {
        StructuralKeys.RefuseCycles<TKey>(keys);
        Fill(reader, map, comparer, keys, values);
    });
}

/// <summary>Collections of keys: the comparer and all keys. They are rebuilt, as hash codes differ between processes.</summary>
internal abstract class SetPlan<TSet, T, TComparer>(Type type) : CollectionPlan<TSet>(type)
    where TSet : class
    where TComparer : class
{
    private readonly ElementRun<T> _elements = new();

    /// <summary>The memory overhead of an element, which temporarily exists twice.</summary>
    protected virtual int OverheadEach => 16 + Unsafe.SizeOf<T>();

    protected abstract T[] ToArray(TSet set);

    protected abstract void WriteComparer(ObjectWriter writer, TSet set);

    protected abstract void Init(TSet set, int count, TComparer? comparer);

    protected abstract bool Add(TSet set, T element);

    /// <summary>Checks elements that are about to be added.</summary>
    protected virtual void Check(ObjectReader reader, TSet set, TComparer? comparer, T[] elements) { }

    protected virtual bool AreReady(ObjectReader reader, int openBefore, T[] elements, TComparer? comparer) =>
        Keys.AreReady<T>(reader, openBefore, elements, comparer);

    protected sealed override void WriteParts(ObjectWriter writer, TSet collection)
    {
        var elements = ToArray(collection);
        writer.Output.WriteCount(elements.Length);
        WriteComparer(writer, collection);
        _elements.Write(writer, elements);
    }

    protected sealed override void ReadParts(ObjectReader reader, ref ByteReader input, TSet collection)
    {
        var count = input.ReadCount();
        var open = reader.OpenReferences;
        var comparer = Comparers.Read<TComparer>(reader, ref input);
        _elements.Expect(ref input, count, OverheadEach);
        Init(collection, count, comparer);
        var elements = _elements.ReadKeys(reader, ref input, count, comparer);
        if (AreReady(reader, open, elements, comparer)) Fill(reader, collection, comparer, elements);
        else Defer(reader, collection, comparer, elements);
    }

    private void Defer(ObjectReader reader, TSet set, TComparer? comparer, T[] elements) => reader.Defer(() =>
    {
        StructuralKeys.RefuseCycles<T>(elements);
        Fill(reader, set, comparer, elements);
    });

    private void Fill(ObjectReader reader, TSet set, TComparer? comparer, T[] elements)
    {
        Check(reader, set, comparer, elements);
        foreach (var element in elements)
        {
            if (!Add(set, element)) throw Keys.Duplicate(element, Type);
        }
    }
}
