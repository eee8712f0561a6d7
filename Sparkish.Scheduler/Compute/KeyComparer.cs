using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Compute;

/// <summary>
/// The order of keys, the same on every node whatever its culture: texts by UTF-16 code units, as in Spark, tuples item by item, other types by
/// their own <see cref="IComparable{T}"/>.
/// </summary>
internal static class KeyComparer<T>
{
    public static IComparer<T> Default { get; } = Make();

    private static IComparer<T> Make()
    {
        if (typeof(T) == typeof(string)) return (IComparer<T>)(object)StringComparer.Ordinal;
        if (!typeof(ITuple).IsAssignableFrom(typeof(T)) || !typeof(T).IsValueType) return Comparer<T>.Default;
        var items = typeof(T).GetGenericArguments();
        var comparer = items.Length switch
        {
            2 => typeof(PairComparer<,>),
            3 => typeof(TripleComparer<,,>),
            _ => null,
        };
        return comparer is null
            ? Comparer<T>.Default
            : (IComparer<T>)Activator.CreateInstance(comparer.MakeGenericType(items), BindingFlags.Instance | BindingFlags.Public, null, null, null)!;
    }
}

internal sealed class PairComparer<T1, T2> : IComparer<(T1, T2)>
{
    public int Compare((T1, T2) x, (T1, T2) y)
    {
        var first = KeyComparer<T1>.Default.Compare(x.Item1, y.Item1);
        return first != 0 ? first : KeyComparer<T2>.Default.Compare(x.Item2, y.Item2);
    }
}

internal sealed class TripleComparer<T1, T2, T3> : IComparer<(T1, T2, T3)>
{
    public int Compare((T1, T2, T3) x, (T1, T2, T3) y)
    {
        var first = KeyComparer<(T1, T2)>.Default.Compare((x.Item1, x.Item2), (y.Item1, y.Item2));
        return first != 0 ? first : KeyComparer<T3>.Default.Compare(x.Item3, y.Item3);
    }
}
