#pragma warning disable MA0048 // the plans of collections stand together
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sparkish.Serialization;

internal sealed class ListPlan<T>() : ObjectPlan(typeof(List<T>))
{
    private readonly ObjectPlan? _element = ObjectPlans.InPlace(typeof(T));
    private readonly bool _isBlock = !RuntimeHelpers.IsReferenceOrContainsReferences<T>() && Nullable.GetUnderlyingType(typeof(T)) is null;

    public override void Write(ObjectWriter writer, object value)
    {
        var elements = CollectionsMarshal.AsSpan((List<T>)value);
        writer.Output.WriteCount(elements.Length);
        if (!_isBlock) ElementSlots.Write<T>(writer, _element, elements);
        else if (_element is RefusedPlan refused) throw writer.Refuse(refused.Reason);
        else if (!writer.IsTrial) Codec.For<T>().WriteAll(writer.Output, elements);
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        var count = input.ReadCount(_isBlock ? Unsafe.SizeOf<T>() : 1);
        var list = new List<T>(count);
        reader.Register(id, list);
        if (_isBlock)
        {
            CollectionsMarshal.SetCount(list, count);
            Codec.For<T>().ReadAll(ref input, CollectionsMarshal.AsSpan(list));
            return list;
        }

        for (var i = 0; i < count; i++) list.Add(ElementSlots.Read<T>(reader, _element, ref input));
        return list;
    }
}

/// <summary>Dictionaries are filled anew, since hash codes of strings differ from process to process.</summary>
internal sealed class DictionaryPlan<TKey, TValue>() : ObjectPlan(typeof(Dictionary<TKey, TValue>)) where TKey : notnull
{
    private readonly ObjectPlan? _key = ObjectPlans.InPlace(typeof(TKey));
    private readonly ObjectPlan? _value = ObjectPlans.InPlace(typeof(TValue));

    public override void Write(ObjectWriter writer, object value)
    {
        var dictionary = (Dictionary<TKey, TValue>)value;
        writer.Output.WriteCount(dictionary.Count);
        Comparers.Write(writer, dictionary.Comparer);
        var index = 0;
        foreach (var (key, entry) in dictionary)
        {
            writer.Push(index++);
            writer.WriteSlot(_key, key);
            writer.WriteSlot(_value, entry);
            writer.Pop();
        }
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        var count = input.ReadCount(minBytesEach: 2);
        var dictionary = new Dictionary<TKey, TValue>(count, Comparers.Read<TKey>(reader, ref input));
        reader.Register(id, dictionary);
        for (var i = 0; i < count; i++)
        {
            var key = ElementSlots.Read<TKey>(reader, _key, ref input);
            dictionary.Add(key, ElementSlots.Read<TValue>(reader, _value, ref input));
        }

        return dictionary;
    }
}

/// <summary>Sets are filled anew, since hash codes of strings differ from process to process.</summary>
internal sealed class HashSetPlan<T>() : ObjectPlan(typeof(HashSet<T>))
{
    private readonly ObjectPlan? _element = ObjectPlans.InPlace(typeof(T));

    public override void Write(ObjectWriter writer, object value)
    {
        var set = (HashSet<T>)value;
        writer.Output.WriteCount(set.Count);
        Comparers.Write(writer, set.Comparer);
        var index = 0;
        foreach (var element in set)
        {
            writer.Push(index++);
            writer.WriteSlot(_element, element);
            writer.Pop();
        }
    }

    public override object Read(ObjectReader reader, ref ByteReader input, int id)
    {
        var count = input.ReadCount();
        var set = new HashSet<T>(count, Comparers.Read<T>(reader, ref input));
        reader.Register(id, set);
        for (var i = 0; i < count; i++) set.Add(ElementSlots.Read<T>(reader, _element, ref input));
        return set;
    }
}

/// <summary>The comparer of a dictionary or set: null for the default one.</summary>
internal static class Comparers
{
    public static void Write<T>(ObjectWriter writer, IEqualityComparer<T> comparer)
    {
        writer.Push("Comparer");
        writer.Write(ReferenceEquals(comparer, EqualityComparer<T>.Default) ? null : comparer);
        writer.Pop();
    }

    public static IEqualityComparer<T>? Read<T>(ObjectReader reader, ref ByteReader input) => reader.Read(ref input) switch
    {
        null => null,
        IEqualityComparer<T> comparer => comparer,
        var other => throw new SerializationException($"The input holds a {other.GetType()} where a comparer of {typeof(T)} is expected."),
    };
}
