#pragma warning disable MA0048 // the makers of the three kinds belong together
using System.Reflection;

namespace Sparkish.Serialization;

/// <summary>Creates F# lists through the members of their own type.</summary>
internal static class FunctionalList<TList, T> where TList : class
{
    private static readonly TList Empty = (TList)typeof(TList).GetProperty("Empty", BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!;

    private static readonly Func<T, TList, TList> Cons =
        typeof(TList).GetMethod("Cons", BindingFlags.Static | BindingFlags.Public, [typeof(T), typeof(TList)])!.CreateDelegate<Func<T, TList, TList>>();

    public static TList Of(ReadOnlySpan<T> elements)
    {
        var list = Empty;
        for (var i = elements.Length - 1; i >= 0; i--) list = Cons(elements[i], list);
        return list;
    }
}

/// <summary>Creates F# sets and maps, in the order of F#'s own comparison.</summary>
/// <typeparam name="TCollection">The set or map.</typeparam>
/// <typeparam name="T">The element type of its constructor's sequence: the elements, or a map's keys with their values as tuples.</typeparam>
internal static class FunctionalSorted<TCollection, T> where TCollection : class
{
    private static readonly ConstructorInvoker Constructor = ConstructorInvoker.Create(typeof(TCollection).GetConstructor([typeof(IEnumerable<T>)])!);

    public static TCollection Of(IEnumerable<T> elements) => (TCollection)Constructor.Invoke(elements);
}
