using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Types;

/// <summary>Facts about types that are only known at run time.</summary>
internal static class TypeLayout
{
    private static readonly MethodInfo HasReferencesOf = typeof(RuntimeHelpers).GetMethod(nameof(RuntimeHelpers.IsReferenceOrContainsReferences))!;

    private static readonly MethodInfo SizeOfType = typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!;

    public static bool HasReferences(Type type) => (bool)HasReferencesOf.MakeGenericMethod(type).Invoke(null, null)!;

    /// <summary>Whether a value without references contains a pointer or native handle.</summary>
    public static bool HoldsPointers(Type type)
    {
        if (type.IsPointer || type.IsFunctionPointer || type == typeof(nint) || type == typeof(nuint)) return true;
        if (type.IsPrimitive || type.IsEnum || !type.IsValueType) return false;
        var fields = type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
        return Array.Exists(fields, field => HoldsPointers(field.FieldType));
    }

    /// <summary>The size of a value in memory, with its padding.</summary>
    public static int SizeOf(Type type) => (int)SizeOfType.MakeGenericMethod(type).Invoke(null, null)!;
}
