#pragma warning disable MA0048 // the kinds of order are kept beside their table
using System.Reflection;
using System.Runtime.CompilerServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Keys;

/// <summary>The order of a type's keys.</summary>
internal enum OrderKind
{
    /// <summary>By the type's own <see cref="IComparable{T}"/>.</summary>
    Own,

    /// <summary>Texts by their UTF-16 code units.</summary>
    Ordinal,

    /// <summary>None before any value.</summary>
    Nullable,

    /// <summary>Member by member.</summary>
    Members,

    /// <summary>An F# union: by case, then by fields.</summary>
    Union,

    /// <summary>An F# list, set or map: by the first differing element, then by length.</summary>
    Elements,

    /// <summary>Not at all.</summary>
    Refused,
}

/// <summary>The order of keys of a type.</summary>
/// <param name="Kind">The kind of order.</param>
/// <param name="Members">The compared members, in order.</param>
/// <param name="Refusal">The reason why the type has no order, and alternatives; null if it has one.</param>
internal sealed record KeyOrder(OrderKind Kind, IReadOnlyList<KeyMember> Members, string? Refusal = null)
{
    private const string MappingAttribute = "Microsoft.FSharp.Core.CompilationMappingAttribute";

    // Types of unloaded applications must not be kept.
    private static readonly ConditionalWeakTable<Type, KeyOrder> Known = [];

    public static KeyOrder Of(Type type) => Known.GetValue(type, static type => Make(type));

    private static KeyOrder Make(Type type)
    {
        if (type == typeof(string)) return new(OrderKind.Ordinal, []);
        if (Nullable.GetUnderlyingType(type) is { } inner) return new(OrderKind.Nullable, [new("Value", inner, null)]);
        if (type == typeof(nint) || type == typeof(nuint)) return Refuse("a pointer means nothing in another process; sort by a number");
        if (KeyEquality.IsTuple(type) || IsPair(type)) return ByMembers(type);
        if (type == typeof(object) || type.IsInterface || type == typeof(ValueType) || type == typeof(Enum))
            return Refuse("its values may be of any type; declare the type that they have");
        if (IsOrderedByFSharp(type)) return OfFSharp(type);
        if (HasOwnOrder(type)) return new(OrderKind.Own, []);
        if (IsRecord(type)) return ByMembers(type);
        return Refuse(FrameworkAssemblies.Contains(type.Assembly) || type.IsArray
            ? "it has no order; sort by a number, a string or a tuple of them"
            : "it has no order; sort by a tuple of its members, or implement IComparable<T>");
    }

    // The compiler's order, but also for members that are not F# types.
    private static KeyOrder OfFSharp(Type type)
    {
        var shape = KeyShape.Of(type);
        return shape.Kind switch
        {
            KeyKind.Elements => new(OrderKind.Elements, shape.Members),
            KeyKind.Union => new(OrderKind.Union, shape.Members),
            _ => ByMembers(type),
        };
    }

    private static KeyOrder ByMembers(Type type) => new(OrderKind.Members, KeyShape.MembersOf(KeyEquality.Of(type)));

    private static KeyOrder Refuse(string reason) => new(OrderKind.Refused, [], reason);

    private static bool IsPair(Type type) => type.IsConstructedGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>);

    private static bool HasOwnOrder(Type type) =>
        typeof(IComparable).IsAssignableFrom(type) || typeof(IComparable<>).MakeGenericType(type).IsAssignableFrom(type);

    private static bool IsOrderedByFSharp(Type type) =>
        KeyShape.Of(type).Kind == KeyKind.Elements
        || (IsOfFSharp(type) && type.GetMethod(nameof(IComparable.CompareTo), KeyEquality.Declared, [typeof(object)]) is { } compare
            && compare.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false) && KeyEquality.Of(type).Kind == EqualityKind.Members);

    // The author of an F# record without an order has disabled it.
    private static bool IsRecord(Type type) =>
        !FrameworkAssemblies.Contains(type.Assembly) && !IsOfFSharp(type) && KeyEquality.Of(type).Kind == EqualityKind.Members
        && (KeyEquality.IsAnonymous(type) || type.GetMethod("PrintMembers", KeyEquality.Declared)?.IsDefined(typeof(CompilerGeneratedAttribute)) == true);

    private static bool IsOfFSharp(Type type) =>
        type.GetCustomAttributesData().Any(static data => string.Equals(data.AttributeType.FullName, MappingAttribute, StringComparison.Ordinal));
}
