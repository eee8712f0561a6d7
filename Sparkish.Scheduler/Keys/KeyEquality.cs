#pragma warning disable MA0048 // the kinds of equality stand with their table
using System.Reflection;
using System.Runtime.CompilerServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Keys;

/// <summary>What a type's <see cref="object.Equals(object)"/> does.</summary>
internal enum EqualityKind
{
    /// <summary>Compares references.</summary>
    Reference,

    /// <summary>Compares members one by one, as the compiler or the framework wrote it.</summary>
    Members,

    /// <summary>Does what its author wrote.</summary>
    Own,
}

/// <summary>Tells what the equality of a type looks at.</summary>
internal sealed record KeyEquality(EqualityKind Kind, IReadOnlyList<FieldInfo> Fields)
{
    public const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private const string VisualBasicAnonymous = "VB$AnonymousType";

    private static readonly KeyEquality ByReference = new(EqualityKind.Reference, []);

    private static readonly KeyEquality ByOwnCode = new(EqualityKind.Own, []);

    public static KeyEquality Of(Type type)
    {
        var declaring = type.GetMethod(nameof(Equals), BindingFlags.Instance | BindingFlags.Public, [typeof(object)])!.DeclaringType!;
        if (declaring.IsConstructedGenericType && IsTuple(declaring)) return ByMembers(declaring);
        if (IsAnonymous(type)) return OfAnonymous(type);
        if (FrameworkAssemblies.Contains(type.Assembly))
            return type == typeof(ValueTuple) || ValueHashes.IsOfFields(type) ? ByMembers(type) : declaring == typeof(object) ? ByReference : ByOwnCode;
        if (declaring == typeof(object) || declaring == typeof(ValueType))
        {
            if (typeof(IEquatable<>).MakeGenericType(type).IsAssignableFrom(type)) return ByOwnCode;
            return declaring == typeof(object) ? ByReference : ByMembers(type);
        }

        return IsGenerated(type, declaring) ? ByMembers(type) : ByOwnCode;
    }

    public static bool IsAnonymous(Type type) =>
        type.Name.Contains("AnonymousType", StringComparison.Ordinal) && type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    public static bool IsTuple(Type type) =>
        typeof(ITuple).IsAssignableFrom(type) && type.Namespace is nameof(System) && FrameworkAssemblies.Contains(type.Assembly);

    // The equality of a record asks that of its base; each must be the compiler's.
    private static bool IsGenerated(Type type, Type declaring)
    {
        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType)
        {
            var methods = level.GetMethods(Declared).Where(static method => method.Name is nameof(Equals) && method.GetParameters().Length == 1);
            if (methods.Any(method => IsEquality(method, level) && !method.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false))) return false;
        }

        return declaring == type || UnionShape.Of(declaring) is not null;
    }

    private static bool IsEquality(MethodInfo method, Type level) =>
        method.GetParameters()[0].ParameterType is var taken && (taken == typeof(object) || taken == level);

    // Those of Visual Basic compare the members that are declared as keys alone: those that cannot be assigned.
    private static KeyEquality OfAnonymous(Type type)
    {
        if (!type.Name.StartsWith(VisualBasicAnonymous, StringComparison.Ordinal)) return ByMembers(type);
        var keys = type.GetProperties(Declared).Where(static property => !property.CanWrite)
            .Select(static property => $"${property.Name}").ToHashSet(StringComparer.Ordinal);
        return keys.Count == 0 ? ByReference : new(EqualityKind.Members, [.. FieldsOf(type).Where(field => keys.Contains(field.Name))]);
    }

    private static KeyEquality ByMembers(Type type) => new(EqualityKind.Members, FieldsOf(type));

    private static FieldInfo[] FieldsOf(Type type)
    {
        var levels = new Stack<Type>();
        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType); level = level.BaseType) levels.Push(level);
        return [.. levels.SelectMany(static level => level.GetFields(Declared).OrderBy(static field => field.MetadataToken))];
    }
}
