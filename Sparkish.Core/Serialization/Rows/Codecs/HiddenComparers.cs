using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Sparkish.Serialization.Rows.Codecs;

/// <summary>
/// The comparers of collections behind interfaces, as bytes of <see cref="KnownComparers"/>. A row keeps the elements and the comparer, and others are refused,
/// so that look-ups there give the same results as here.
/// </summary>
internal static class HiddenComparers
{
    private const byte Default = 0;

    /// <summary>The comparer of a set, or of a sequence that may be a set; the default one for everything else.</summary>
    public static byte OfSet<T>(IEnumerable<T> collection) => collection switch
    {
        HashSet<T> set => KnownComparers.ByteOf(set.Comparer),
        ImmutableHashSet<T> set => KnownComparers.ByteOf(set.KeyComparer),
        FrozenSet<T> set => KnownComparers.ByteOf(set.Comparer),
        SortedSet<T> set => OfOrder(set.Comparer),
        ImmutableSortedSet<T> set => OfOrder(set.KeyComparer),
        _ => Default,
    };

    /// <summary>The comparer of a map.</summary>
    public static byte OfMap<TKey, TValue>(IEnumerable<KeyValuePair<TKey, TValue>> collection) where TKey : notnull => collection switch
    {
        Dictionary<TKey, TValue> map => KnownComparers.ByteOf(map.Comparer),
        ConcurrentDictionary<TKey, TValue> map => KnownComparers.ByteOf(map.Comparer),
        OrderedDictionary<TKey, TValue> map => KnownComparers.ByteOf(map.Comparer),
        FrozenDictionary<TKey, TValue> map => KnownComparers.ByteOf(map.Comparer),
        ImmutableDictionary<TKey, TValue> map => KnownComparers.ByteOf(map.KeyComparer),
        SortedDictionary<TKey, TValue> map => OfOrder(map.Comparer),
        SortedList<TKey, TValue> map => OfOrder(map.Comparer),
        ImmutableSortedDictionary<TKey, TValue> map => OfOrder(map.KeyComparer),
        _ => Default,
    };

    /// <summary>Refuses a set with a comparer behind an interface of sequences, which is read without a comparer.</summary>
    public static void RequireDefault<T>(IEnumerable<T> collection)
    {
        if (OfSet(collection) == Default) return;
        throw new SerializationException("",
            $"a {collection.GetType()} with a comparer is declared as an interface that is read as an array or list: declare its own type or an interface of sets");
    }

    // The default order of strings is that of a culture, by which different strings may be equal.
    private static byte OfOrder<T>(IComparer<T> comparer) =>
        typeof(T) == typeof(string) && comparer.Equals(Comparer<T>.Default)
            ? throw KnownComparers.Refuse(comparer)
            : KnownComparers.ByteOf(comparer);
}
