using System.Collections;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>Arrays, lists and tuples of functions: their elements, and copies with other functions.</summary>
internal static class FunctionHolders
{
    /// <summary>Whether values of a field of this type are functions, a lambda's captures, or arrays, lists and tuples of functions.</summary>
    public static bool MayLeadOn(Type type) =>
        typeof(Delegate).IsAssignableFrom(type) || type == typeof(object) || CompilerTypes.IsCapture(type) || IsHolder(type);

    /// <summary>Whether a type is an array, a list or a tuple that declares functions as elements.</summary>
    public static bool IsHolder(Type type)
    {
        if (type.IsArray) return HoldsFunction(type.GetElementType()!);
        if (Nullable.GetUnderlyingType(type) is { } inner) return IsHolder(inner);
        return IsList(type) ? HoldsFunction(type.GenericTypeArguments[0]) : IsTuple(type) && Array.Exists(type.GenericTypeArguments, HoldsFunction);
    }

    /// <summary>The parts of a holder.</summary>
    public static IEnumerable<object?> PartsOf(object holder) =>
        holder is IEnumerable items ? items.Cast<object?>() : CapturedField.Of(holder.GetType()).Select(field => field.Info.GetValue(holder));

    /// <summary>A holder of the same type and size, without its parts.</summary>
    public static object CopyOf(object holder) => holder switch
    {
        Array array => array.Clone(),
        IList list => Activator.CreateInstance(list.GetType(), list.Count)!,
        _ => RuntimeHelpers.GetUninitializedObject(holder.GetType()),
    };

    /// <summary>Sets the parts of a copy.</summary>
    public static void Fill(object copy, object holder, Func<object?, object?> copyPart)
    {
        switch (holder)
        {
            case Array array: FillArray((Array)copy, array, copyPart); break;
            case IList list: foreach (var part in list) ((IList)copy).Add(copyPart(part)); break;
            default: foreach (var field in CapturedField.Of(holder.GetType())) field.Info.SetValue(copy, copyPart(field.Info.GetValue(holder))); break;
        }
    }

    private static void FillArray(Array copy, Array array, Func<object?, object?> copyPart)
    {
        var indexes = new int[array.Rank];
        for (var i = 0; i < array.Length; i++)
        {
            var rest = i;
            for (var dimension = array.Rank - 1; dimension >= 0; dimension--)
            {
                (rest, var index) = Math.DivRem(rest, array.GetLength(dimension));
                indexes[dimension] = array.GetLowerBound(dimension) + index;
            }

            copy.SetValue(copyPart(array.GetValue(indexes)), indexes);
        }
    }

    private static bool HoldsFunction(Type type) => typeof(Delegate).IsAssignableFrom(type) || IsHolder(type);

    private static bool IsList(Type type) => type.IsConstructedGenericType && type.GetGenericTypeDefinition() == typeof(List<>);

    private static bool IsTuple(Type type) => type.IsConstructedGenericType && typeof(ITuple).IsAssignableFrom(type) && type.Namespace == nameof(System);
}
