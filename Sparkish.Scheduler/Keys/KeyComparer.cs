#pragma warning disable MA0048 // the comparers are a few lines each
using Sparkish.Serialization.Types;

namespace Sparkish.Keys;

/// <summary>
/// The order of keys, equal on every node regardless of its culture. Strings are ordered by UTF-16 code units, as in Spark; tuples, records and anonymous types
/// member by member; other types by their own <see cref="IComparable{T}"/>. Null comes before any value.
/// </summary>
internal static class KeyComparer<T>
{
    public static IComparer<T> Default { get; } = Make();

    private static IComparer<T> Make() => KeyOrder.Of(typeof(T)) switch
    {
        { Kind: OrderKind.Ordinal } => (IComparer<T>)(object)StringComparer.Ordinal,
        { Kind: OrderKind.Own } => Comparer<T>.Default,
        { Kind: OrderKind.Nullable } order => New(typeof(NullableComparer<>), order.Members[0].Type),
        { Kind: OrderKind.Elements } => New(typeof(ElementsComparer<,>), typeof(T), KeyShape.ElementOf(typeof(T))),
        { Kind: OrderKind.Members } order => new FunctionComparer<T>(KeyComparisons.ForMembers<T>(order.Members)),
        { Kind: OrderKind.Union } => new FunctionComparer<T>(KeyComparisons.ForUnion<T>(UnionShape.Of(typeof(T))!)),
        var order => new FunctionComparer<T>((_, _) =>
            throw new SparkException(KeyRules.Describe(typeof(T), [], typeof(T), order.Refusal!, KeyRules.HasNoOrder))),
    };

    private static IComparer<T> New(Type definition, params Type[] arguments) =>
        (IComparer<T>)Activator.CreateInstance(definition.MakeGenericType(arguments))!;
}

/// <summary>Compares by a function, which never receives null.</summary>
internal sealed class FunctionComparer<T>(Comparison<T> compare) : IComparer<T>
{
    public int Compare(T? x, T? y) => (x, y) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        _ => compare(x, y),
    };
}

/// <summary>Compares optional values.</summary>
internal sealed class NullableComparer<T> : IComparer<T?> where T : struct
{
    public int Compare(T? x, T? y) => (x, y) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        _ => KeyComparer<T>.Default.Compare(x.Value, y.Value),
    };
}

/// <summary>Compares F# lists, sets and maps by the first elements that differ.</summary>
internal sealed class ElementsComparer<TCollection, T> : IComparer<TCollection> where TCollection : IEnumerable<T>
{
    public int Compare(TCollection? x, TCollection? y)
    {
        if (x is null || y is null) return (x is null ? 0 : 1) - (y is null ? 0 : 1);
        using var left = x.GetEnumerator();
        using var right = y.GetEnumerator();
        while (true)
        {
            var (hasLeft, hasRight) = (left.MoveNext(), right.MoveNext());
            if (!hasLeft || !hasRight) return hasLeft.CompareTo(hasRight);
            var order = KeyComparer<T>.Default.Compare(left.Current, right.Current);
            if (order != 0) return order;
        }
    }
}
