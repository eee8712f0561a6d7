#pragma warning disable MA0048 // the codecs of collections that are copied belong together
using System.Collections.Frozen;
using System.Collections.Immutable;
using Sparkish.Diagnostics;

namespace Sparkish.Serialization.Rows.Codecs;

/// <summary>
/// Collections that are copied to and created from an array: the differences between the kinds. The comparer is a byte: see <see cref="KnownComparers"/>.
/// </summary>
/// <param name="Count">The number of elements.</param>
/// <param name="Copy">Copies them to the start of an array.</param>
/// <param name="Make">Creates a collection of all elements of an array, which it may keep.</param>
/// <param name="ComparerOf">The byte of the comparer; null for kinds without one.</param>
/// <param name="Name">The name in schemas.</param>
internal sealed record CopiedKind<TCollection, T>(
    Func<TCollection, int> Count, Action<TCollection, T[]> Copy, Func<T[], byte, TCollection> Make, Func<TCollection, byte>? ComparerOf, string Name)
    where TCollection : class;

/// <summary>Writes and reads a collection of some kind.</summary>
internal sealed class CopiedCodec<TCollection, T>(CopiedKind<TCollection, T> kind) : BuiltInCodec<TCollection?> where TCollection : class
{
    private readonly Codec<T> _element = Codec.For<T>();

    internal override int MinBytes => 1;

    public override void Write(ByteWriter writer, in TCollection? value)
    {
        if (value is null)
        {
            writer.WriteNullableCount(-1);
            return;
        }

        if (!typeof(TCollection).IsAbstract) ExactType.Of(value);
        var count = kind.Count(value);
        writer.WriteNullableCount(count);
        if (kind.ComparerOf is not null) writer.WriteByte(kind.ComparerOf(value));
        Elements.WriteCopy(writer, _element, value, count, kind.Copy);
    }

    public override TCollection? Read(ref ByteReader reader)
    {
        var count = Elements.ReadCount(ref reader, _element);
        if (count < 0) return null;
        var comparer = kind.ComparerOf is null ? (byte)0 : reader.ReadByte();
        var elements = Elements.ReadAll(ref reader, _element, count);
        try
        {
            // Comparers, hash codes and comparisons of the application run here and may throw anything.
            var collection = kind.Make(elements, comparer);
            return kind.Count(collection) == count
                ? collection
                : throw new SerializationException($"The input holds an element of a {typeof(TCollection)} twice.");
        }
        catch (Exception e) when (e is not SerializationException)
        {
            throw new SerializationException($"The input is not a valid {typeof(TCollection)}: {ExceptionText.MessageOf(e)}", e);
        }
    }

    internal override void Describe(SchemaText text) => text.Append(kind.Name).Append("[").Append(_element).Append("]");
}

/// <summary>The kinds of collections of elements; each is created by the method of its name.</summary>
internal static class CopiedKinds<T>
{
    public static CopiedKind<HashSet<T>, T> HashSet() => new(
        static set => set.Count, static (set, array) => set.CopyTo(array),
        static (array, comparer) => Set(array, KnownComparers.Equality<T>(comparer)), static set => KnownComparers.ByteOf(set.Comparer), "set ");

    public static CopiedKind<FrozenSet<T>, T> FrozenSet() => new(
        static set => set.Count, static (set, array) => set.CopyTo(array),
        static (array, comparer) => Set(array, KnownComparers.Equality<T>(comparer))
            .ToFrozenSet(KnownComparers.Equality<T>(comparer)), static set => KnownComparers.ByteOf(set.Comparer), "set ");

    public static CopiedKind<ImmutableHashSet<T>, T> ImmutableHashSet() => new(
        static set => set.Count, static (set, array) => ((ICollection<T>)set).CopyTo(array, 0),
        static (array, comparer) => Set(array, KnownComparers.Equality<T>(comparer)).ToImmutableHashSet(KnownComparers.Equality<T>(comparer)),
        static set => KnownComparers.ByteOf(set.KeyComparer), "set ");

    public static CopiedKind<SortedSet<T>, T> SortedSet() => new(
        static set => set.Count, static (set, array) => set.CopyTo(array),
        static (array, comparer) => new SortedSet<T>(array, KnownComparers.Order<T>(comparer)), static set => KnownComparers.ByteOf(set.Comparer), "sorted ");

    public static CopiedKind<ImmutableSortedSet<T>, T> ImmutableSortedSet() => new(
        static set => set.Count, static (set, array) => ((ICollection<T>)set).CopyTo(array, 0),
        static (array, comparer) => array.ToImmutableSortedSet(KnownComparers.Order<T>(comparer)),
        static set => KnownComparers.ByteOf(set.KeyComparer), "sorted ");

    public static CopiedKind<Queue<T>, T> Queue() => new(
        static queue => queue.Count, static (queue, array) => queue.CopyTo(array, 0), static (array, _) => new Queue<T>(array), null, "");

    // A stack enumerates its elements from the top, and is filled from the bottom.
    public static CopiedKind<Stack<T>, T> Stack() => new(
        static stack => stack.Count, static (stack, array) => stack.CopyTo(array, 0),
        static (array, _) =>
        {
            Array.Reverse(array);
            return new Stack<T>(array);
        }, null, "stack ");

    public static CopiedKind<LinkedList<T>, T> LinkedList() => new(
        static list => list.Count, static (list, array) => list.CopyTo(array, 0), static (array, _) => new LinkedList<T>(array), null, "");

    public static CopiedKind<ImmutableList<T>, T> ImmutableList() => new(
        static list => list.Count, static (list, array) => list.CopyTo(array), static (array, _) => array.ToImmutableList(), null, "");

    private static HashSet<T> Set(T[] array, IEqualityComparer<T>? comparer)
    {
        var set = new HashSet<T>(array.Length, comparer);
        HashFlooding.Check<T>(array, comparer, set.Capacity);
        set.UnionWith(array);
        return set;
    }
}

/// <summary>The kinds of maps; each is created by the method of its name.</summary>
internal static class CopiedMaps<TKey, TValue> where TKey : notnull
{
    public static CopiedKind<FrozenDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> FrozenDictionary() => new(
        static map => map.Count, Copy,
        static (array, comparer) => Unique(array, comparer).ToFrozenDictionary(KnownComparers.Equality<TKey>(comparer)),
        static map => KnownComparers.ByteOf(map.Comparer), "map ");

    public static CopiedKind<ImmutableDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> ImmutableDictionary() => new(
        static map => map.Count, Copy,
        static (array, comparer) => Unique(array, comparer).ToImmutableDictionary(KnownComparers.Equality<TKey>(comparer)),
        static map => map.ValueComparer.Equals(EqualityComparer<TValue>.Default)
            ? KnownComparers.ByteOf(map.KeyComparer)
            : throw KnownComparers.Refuse(map.ValueComparer),
        "map ");

    public static CopiedKind<SortedDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> SortedDictionary() => new(
        static map => map.Count, Copy,
        static (array, comparer) =>
        {
            var map = new SortedDictionary<TKey, TValue>(KnownComparers.Order<TKey>(comparer));
            foreach (var (key, value) in array) map.Add(key, value);
            return map;
        }, static map => KnownComparers.ByteOf(map.Comparer), "sorted map ");

    public static CopiedKind<SortedList<TKey, TValue>, KeyValuePair<TKey, TValue>> SortedList() => new(
        static map => map.Count, Copy,
        static (array, comparer) =>
        {
            // Keys out of order, as no writer produces, would each move all later ones.
            var map = new SortedList<TKey, TValue>(array.Length, KnownComparers.Order<TKey>(comparer));
            Array.Sort(array, (a, b) => map.Comparer.Compare(a.Key, b.Key));
            foreach (var (key, value) in array) map.Add(key, value);
            return map;
        }, static map => KnownComparers.ByteOf(map.Comparer), "sorted map ");

    public static CopiedKind<ImmutableSortedDictionary<TKey, TValue>, KeyValuePair<TKey, TValue>> ImmutableSortedDictionary() => new(
        static map => map.Count, Copy,
        static (array, comparer) => Unique(array, 0).ToImmutableSortedDictionary(KnownComparers.Order<TKey>(comparer)),
        static map => map.ValueComparer.Equals(EqualityComparer<TValue>.Default)
            ? KnownComparers.ByteOf(map.KeyComparer)
            : throw KnownComparers.Refuse(map.ValueComparer),
        "sorted map ");

    private static void Copy(IEnumerable<KeyValuePair<TKey, TValue>> map, KeyValuePair<TKey, TValue>[] array) =>
        ((ICollection<KeyValuePair<TKey, TValue>>)map).CopyTo(array, 0);

    // These collections silently keep the last of two equal keys.
    private static Dictionary<TKey, TValue> Unique(KeyValuePair<TKey, TValue>[] array, byte comparer)
    {
        var map = new Dictionary<TKey, TValue>(array.Length, KnownComparers.Equality<TKey>(comparer));
        HashFlooding.Check<TKey, TValue>(array, map.Comparer, map.Capacity);
        foreach (var (key, value) in array) map.Add(key, value);
        return map;
    }
}
