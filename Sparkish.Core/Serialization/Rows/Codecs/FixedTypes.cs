using System.Reflection;
using System.Runtime.CompilerServices;
using Sparkish.Serialization.Rows.Records;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Rows.Codecs;

/// <summary>
/// Decides which types without references are copied as they are in memory. A struct is copied if its encoding would be the same: its members are numbers, in
/// order, without gaps. Gaps contain arbitrary bytes, and equal keys must be encoded equally.
/// </summary>
internal static class FixedTypes
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly MethodInfo SizeOfMethod = typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!;

    private static readonly Dictionary<Type, string> Names = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(sbyte)] = "sbyte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(char)] = "char",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
    };

    /// <summary>Whether values of a struct without references, other than a nullable one, are copied as a block.</summary>
    public static bool IsBlock(Type type) => IsOpaque(type) || IsGapless(type);

    /// <summary>Whether a type is copied, regardless of its content.</summary>
    public static bool IsOpaque(Type type) =>
        type.IsPrimitive || type.IsEnum || type.IsExplicitLayout || type.IsDefined(typeof(InlineArrayAttribute))
        || type.StructLayoutAttribute is { Size: > 0 } || Array.Exists(type.GetFields(Fields), field => field.IsDefined(typeof(FixedBufferAttribute)))
        || (FrameworkAssemblies.Contains(type.Assembly) && !RecordShape.IsPlainFrameworkStruct(type));

    public static void Describe(SchemaText text, Type type)
    {
        if (Names.TryGetValue(type, out var name))
        {
            text.Append(name);
        }
        else if (type.IsEnum)
        {
            text.Append($"{type.Name}(");
            Describe(text, type.GetEnumUnderlyingType());
            text.Append(")");
        }
        else if (IsOpaque(type))
        {
            text.Append(type.Name);
        }
        else
        {
            RecordShape.ForFixed(type).Describe(text, static (text, member) => text.Append(Codec.Of(member)));
        }
    }

    // Rows of numbers without gaps: a sequential struct, or a tuple of equal types, which the runtime has no reason to reorder.
    private static bool IsGapless(Type type)
    {
        if (IsOpaque(type) || type.IsDefined(typeof(ExtensibleAttribute))
            || InheritedAttributes.Find<CodecTypeAttribute>(type) is not null || UnionShape.Of(type) is not null) return false;
        var fields = type.GetFields(Fields);
        if (fields.Length == 0 || Array.Exists(fields, field => field.IsDefined(typeof(NonSerializedAttribute)))) return false;
        var types = Array.ConvertAll(fields, field => field.FieldType);
        if (types.Sum(SizeOf) != SizeOf(type)) return false;
        return type.IsLayoutSequential
            ? Array.TrueForAll(types, static part => IsNumber(part) || (part.IsLayoutSequential && IsGapless(part)))
            : Array.TrueForAll(types, IsNumber) && types.Select(SizeOf).Distinct().Count() == 1;
    }

    private static bool IsNumber(Type type) => (type.IsPrimitive && type != typeof(bool)) || type.IsEnum;

    private static int SizeOf(Type type) => (int)SizeOfMethod.MakeGenericMethod(type).Invoke(null, null)!;
}
