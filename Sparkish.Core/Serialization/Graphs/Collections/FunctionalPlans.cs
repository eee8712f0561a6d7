#pragma warning disable MA0048 // the plans of F#'s collections belong together
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs.Collections;

/// <summary>The plans of F#'s collections: field by field a list would nest as deep as it is long, and maps and sets leave their trees out.</summary>
internal static class FunctionalPlans
{
    /// <summary>The plan of a type; null for a type that is not a collection of F#.</summary>
    public static ObjectPlan? For(Type type)
    {
        var plan = FunctionalCollections.IsList(type) ? typeof(FunctionalListPlan<,>)
            : FunctionalCollections.IsSet(type) ? typeof(FunctionalSetPlan<,>)
            : FunctionalCollections.IsMap(type) ? typeof(FunctionalMapPlan<,,>)
            : null;
        return plan is null ? null : (ObjectPlan)Activator.CreateInstance(plan.MakeGenericType([type, .. type.GenericTypeArguments]), type)!;
    }
}

internal sealed class FunctionalListPlan<TList, T>(Type type) : ImmutablePlan<TList, T>(type) where TList : class, IReadOnlyCollection<T>
{
    protected override T[] ToArray(TList collection) => [.. collection];

    protected override TList Make(T[] elements) => FunctionalList<TList, T>.Of(elements);
}

internal sealed class FunctionalSetPlan<TSet, T>(Type type) : ImmutableSetPlan<TSet, T, IComparer<T>>(type) where TSet : class, IReadOnlyCollection<T>
{
    protected override void WriteComparer(ObjectWriter writer, TSet set) => Comparers.Write(writer, null, Comparer<T>.Default);

    protected override bool AreComplete(ObjectReader reader, int openBefore, T[] elements, IComparer<T>? comparer) => Keys.AreComplete(reader, openBefore);

    protected override TSet Make(T[] elements, IComparer<T>? comparer) => FunctionalSorted<TSet, T>.Of(elements);
}

internal sealed class FunctionalMapPlan<TMap, TKey, TValue>(Type type) : ImmutableMapPlan<TMap, TKey, TValue, IComparer<TKey>>(type)
    where TMap : class, IReadOnlyDictionary<TKey, TValue>
    where TKey : notnull
{
    protected override bool HasValueComparer => false;

    protected override void WriteComparers(ObjectWriter writer, TMap map) => Comparers.Write(writer, null, Comparer<TKey>.Default);

    protected override bool AreComplete(ObjectReader reader, int openBefore, TKey[] keys, IComparer<TKey>? comparer) => Keys.AreComplete(reader, openBefore);

    protected override TMap Make(
        IEnumerable<KeyValuePair<TKey, TValue>> entries, int count, IComparer<TKey>? keyComparer, IEqualityComparer<TValue>? valueComparer)
    {
        var map = FunctionalSorted<TMap, Tuple<TKey, TValue>>.Of(entries.Select(static entry => Tuple.Create(entry.Key, entry.Value)));
        return map.Count == count ? map : throw Keys.Duplicate(map.Count, Type);
    }
}
