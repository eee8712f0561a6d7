using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization;

/// <summary>Facts about types that are only known when the program runs.</summary>
internal static class TypeLayout
{
    private static readonly MethodInfo HasReferencesOf = typeof(RuntimeHelpers).GetMethod(nameof(RuntimeHelpers.IsReferenceOrContainsReferences))!;

    private static readonly MethodInfo SizeOfType = typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!;

    public static bool HasReferences(Type type) => (bool)HasReferencesOf.MakeGenericMethod(type).Invoke(null, null)!;

    /// <summary>The bytes that a value takes in memory, with its padding.</summary>
    public static int SizeOf(Type type) => (int)SizeOfType.MakeGenericMethod(type).Invoke(null, null)!;
}
