using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Types;

/// <summary>
/// A fingerprint of the memory layout of an application's type without references, since arrays and lists of it are written as one block. It covers the names,
/// types and order of the fields, or the type beneath an enum. A block of another layout must be refused.
/// </summary>
internal static class BlockLayout
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly ConditionalWeakTable<Type, object> Known = [];

    /// <summary>The fingerprint; zero for types that are not written as blocks, and for those of the framework.</summary>
    public static uint Of(Type type) => !type.IsValueType ? 0 : (uint)Known.GetValue(type, static type => (object)Compute(type));

    private static uint Compute(Type type)
    {
        if (!type.IsValueType || type.ContainsGenericParameters || type.IsByRefLike || FrameworkAssemblies.Contains(type.Assembly)) return 0;
        if (!type.IsEnum && TypeLayout.HasReferences(type)) return 0;

        // FNV-1a: string.GetHashCode differs from process to process.
        var hash = 2166136261u;
        foreach (var character in Describe(type)) hash = (hash ^ character) * 16777619u;
        return Math.Max(hash, 1);
    }

    private static string Describe(Type type)
    {
        if (type.IsEnum) return type.GetEnumUnderlyingType().Name;
        if (type.IsPrimitive || FrameworkAssemblies.Contains(type.Assembly)) return type.ToString();
        var parts = type.GetFields(Fields).OrderBy(field => field.MetadataToken).Select(field => $"{field.Name}:{Describe(field.FieldType)}");
        var length = type.GetCustomAttribute<InlineArrayAttribute>()?.Length ?? 1;
        return string.Create(
            CultureInfo.InvariantCulture, $"{type.StructLayoutAttribute?.Value}/{type.StructLayoutAttribute?.Size}/{length}{{{string.Join(';', parts)}}}");
    }
}
