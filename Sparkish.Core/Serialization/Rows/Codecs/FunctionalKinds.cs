#pragma warning disable MA0048 // the kinds of F#'s collections belong together
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Rows.Codecs;

/// <summary>F#'s collections as kinds of <see cref="CopiedCodec{TCollection, T}"/>: their encoding is that of the framework's.</summary>
internal static class FunctionalKinds
{
    /// <summary>The kind of a type; null for a type that is not a collection of F#.</summary>
    public static object? Of(Type type)
    {
        var arguments = type.GenericTypeArguments;
        var (kinds, name) = FunctionalCollections.IsList(type) ? (typeof(FunctionalKinds<,>), nameof(FunctionalKinds<,>.List))
            : FunctionalCollections.IsSet(type) ? (typeof(FunctionalKinds<,>), nameof(FunctionalKinds<,>.Set))
            : FunctionalCollections.IsMap(type) ? (typeof(FunctionalMaps<,,>), nameof(FunctionalMaps<,,>.Map))
            : (null, "");
        return kinds?.MakeGenericType([type, .. arguments]).GetMethod(name)!.Invoke(null, null);
    }

    /// <summary>Refuses a comparer: F# compares by the type alone.</summary>
    public static void RequireNone(byte comparer)
    {
        if (comparer != 0) throw new SerializationException($"The input holds an F# collection with the comparer {comparer}, which it cannot have.");
    }
}

internal static class FunctionalKinds<TCollection, T> where TCollection : class, IReadOnlyCollection<T>
{
    public static CopiedKind<TCollection, T> List() => new(
        static list => list.Count, Copy, static (array, _) => FunctionalList<TCollection, T>.Of(array), null, "");

    public static CopiedKind<TCollection, T> Set() => new(
        static set => set.Count, Copy,
        static (array, comparer) =>
        {
            FunctionalKinds.RequireNone(comparer);
            return FunctionalSorted<TCollection, T>.Of(array);
        }, static _ => 0, "sorted ");

    public static void Copy(TCollection collection, T[] array)
    {
        var index = 0;
        foreach (var element in collection) array[index++] = element;
    }
}

internal static class FunctionalMaps<TMap, TKey, TValue> where TMap : class, IReadOnlyCollection<KeyValuePair<TKey, TValue>>
{
    public static CopiedKind<TMap, KeyValuePair<TKey, TValue>> Map() => new(
        static map => map.Count, FunctionalKinds<TMap, KeyValuePair<TKey, TValue>>.Copy,
        static (array, comparer) =>
        {
            FunctionalKinds.RequireNone(comparer);
            return FunctionalSorted<TMap, Tuple<TKey, TValue>>.Of(array.Select(static entry => Tuple.Create(entry.Key, entry.Value)));
        }, static _ => 0, "sorted map ");
}
