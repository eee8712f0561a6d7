using System.Reflection;

namespace Sparkish.Serialization.Types;

/// <summary>Finds types that can contain values of their own type: only their values nest without a limit, so only they count their depth.</summary>
internal static class TypeReach
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    // A generic type may contain itself with ever larger arguments.
    private const int MostParts = 1000;

    /// <summary>Whether a value of a type may contain another one of it, as far as typed codecs go; graphs count for themselves.</summary>
    public static bool IsRecursive(Type type)
    {
        var seen = new HashSet<Type>();
        var left = new Stack<Type>();
        Push(type);
        while (left.TryPop(out var next))
        {
            if (next == type) return true;
            if (seen.Count > MostParts) return true;
            if (seen.Add(next)) Push(next);
        }

        return false;

        void Push(Type parent)
        {
            foreach (var part in PartsOf(parent)) left.Push(part);
        }
    }

    private static IEnumerable<Type> PartsOf(Type type)
    {
        if (type.IsPrimitive || type.IsEnum || type.IsPointer) yield break;
        if (type.HasElementType) yield return type.GetElementType()!;
        foreach (var argument in type.GenericTypeArguments) yield return argument;
        if (FrameworkAssemblies.Contains(type.Assembly)) yield break;
        foreach (var field in UnionShape.Of(type)?.Cases.SelectMany(static unionCase => unionCase.Fields) ?? []) yield return field.PropertyType;
        for (var part = type; part is not null && !FrameworkAssemblies.Contains(part.Assembly); part = part.BaseType)
        {
            foreach (var field in part.GetFields(Fields)) yield return field.FieldType;
        }
    }
}
