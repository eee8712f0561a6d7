using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization;

/// <summary>Facts about types that are only known when the program runs.</summary>
internal static class TypeLayout
{
    private static readonly MethodInfo HasReferencesOf = typeof(RuntimeHelpers).GetMethod(nameof(RuntimeHelpers.IsReferenceOrContainsReferences))!;

    public static bool HasReferences(Type type) => (bool)HasReferencesOf.MakeGenericMethod(type).Invoke(null, null)!;
}
