using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sparkish.Serialization.Types;

/// <summary>Rules that no configuration can change: which types can be sent at all, and which of them as a block.</summary>
internal static class TypeRules
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>The reason why objects of a type cannot be created elsewhere, without a full stop; null if they can.</summary>
    public static string? Refusal(Type type)
    {
        if (type.IsPointer || type.IsFunctionPointer || type.IsByRef || type.IsByRefLike) return $"{type} is a pointer and cannot be sent";
        if (type.ContainsGenericParameters) return $"{type} is an open generic type and cannot be sent";
        if (type.IsValueType) return RefusalOfStruct(type);
        if (Finalizers.Has(type)) return $"{type} has a finalizer: it holds a resource of its process and cannot be sent";
        return type.IsAbstract && !FrameworkCollections.IsPlanned(type) ? $"{type} is abstract and has no instances" : null;
    }

    /// <summary>
    /// Whether values are written as they are in memory. A single struct of the application is written field by field, so that its versions can read each
    /// other, unless its fields are not its whole content.
    /// </summary>
    public static bool IsBlock(Type type)
    {
        if (!type.IsValueType || TypeLayout.HasReferences(type)) return false;
        return type.IsPrimitive || type.IsEnum || FrameworkAssemblies.Contains(type.Assembly) || type.IsDefined(typeof(InlineArrayAttribute))
            || type.StructLayoutAttribute is { Value: LayoutKind.Explicit }
            || Array.Exists(type.GetFields(Declared), field => field.IsDefined(typeof(FixedBufferAttribute)));
    }

    private static string? RefusalOfStruct(Type type)
    {
        if (TypeLayout.HasReferences(type))
            return type.IsDefined(typeof(InlineArrayAttribute)) ? $"{type} is an inline array of references and cannot be sent: use an array" : null;
        return TypeLayout.HoldsPointers(type) ? $"{type} holds a pointer and cannot be sent" : null;
    }
}
