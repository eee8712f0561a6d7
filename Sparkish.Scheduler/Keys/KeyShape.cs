#pragma warning disable MA0048 // a member is a part of the shape
using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Keys;

/// <summary>The kind of equality of a type's keys.</summary>
internal enum KeyKind
{
    /// <summary>A framework value with a known hash.</summary>
    Value,

    /// <summary>An optional value.</summary>
    Nullable,

    /// <summary>Members that are compared one by one.</summary>
    Members,

    /// <summary>A case of an F# union, and its fields.</summary>
    Union,

    /// <summary>An F# list, set or map, whose elements are compared in order.</summary>
    Elements,

    /// <summary>The type's own <see cref="IStableHashCode"/>.</summary>
    OwnHash,

    /// <summary>Not a key.</summary>
    Refused,
}

/// <summary>A part of a key.</summary>
internal sealed record KeyMember(string Name, Type Type, MemberInfo? Info);

/// <summary>Describes the equality of a type's keys, and so the input of their hash.</summary>
/// <param name="Kind">The kind of equality.</param>
/// <param name="Members">The compared members.</param>
/// <param name="Refusal">The reason why objects of the type cannot be keys, and alternatives; null if they can.</param>
internal sealed record KeyShape(KeyKind Kind, IReadOnlyList<KeyMember> Members, string? Refusal = null)
{
    private const string Advice = "use a tuple, a record or a string of the elements";

    // Types of unloaded applications must not be kept.
    private static readonly ConditionalWeakTable<Type, KeyShape> Known = [];

    public static KeyShape Of(Type type) => Known.GetValue(type, static type => Make(type));

    /// <summary>The members that an equality compares.</summary>
    public static KeyMember[] MembersOf(KeyEquality equality) =>
        [.. equality.Fields.Select(static field => new KeyMember(NameOf(field), field.FieldType, field))];

    /// <summary>The element type of an F# list, set or map.</summary>
    public static Type ElementOf(Type type) =>
        FunctionalCollections.IsMap(type) ? typeof(KeyValuePair<,>).MakeGenericType(type.GenericTypeArguments) : type.GenericTypeArguments[0];

    private static KeyShape Make(Type type)
    {
        if (ValueHashes.Has(type)) return new(KeyKind.Value, []);
        if (Nullable.GetUnderlyingType(type) is { } inner) return new(KeyKind.Nullable, [new("Value", inner, null)]);
        if (typeof(IStableHashCode).IsAssignableFrom(type)) return WithOwnHash(type);
        if (RefusalOf(type) is { } reason) return Refuse(reason);
        if (FunctionalCollections.IsList(type) || FunctionalCollections.IsSet(type) || FunctionalCollections.IsMap(type))
            return new(KeyKind.Elements, ElementsOf(type));
        var equality = KeyEquality.Of(type);
        if (equality.Kind == EqualityKind.Members && UnionShape.Of(type) is { } union) return new(KeyKind.Union, FieldsOf(union));
        if (equality.Kind != EqualityKind.Members) return Refuse(equality.Kind == EqualityKind.Own ? RefusalOfOwnEquality(type) : RefusalOfReference(type));
        var unsent = equality.Fields.FirstOrDefault(Serialization.Graphs.FieldSlot.IsIgnored);
        return unsent is null
            ? new(KeyKind.Members, MembersOf(equality))
            : Refuse($"its Equals compares {NameOf(unsent)}, which is excluded from serialization; leave it out of the key");
    }

    /// <summary>The name of a field in the source.</summary>
    private static string NameOf(FieldInfo field)
    {
        var name = new Serialization.Rows.Records.RecordMember(field).Name;
        return name.StartsWith('$') ? name[1..] : name;
    }

    private static KeyShape Refuse(string reason) => new(KeyKind.Refused, [], reason);

    private static KeyShape WithOwnHash(Type type) => type.IsInterface || KeyEquality.Of(type).Kind != EqualityKind.Reference
        ? new(KeyKind.OwnHash, [])
        : Refuse($"it implements {nameof(IStableHashCode)} but not Equals, so that two objects of it are never equal; override Equals");

    private static KeyMember[] ElementsOf(Type type) =>
        [.. type.GenericTypeArguments.Select((part, i) => new KeyMember(i == 0 ? "elements" : "values", part, null))];

    private static KeyMember[] FieldsOf(UnionShape union) =>
        [.. union.Cases.SelectMany(static unionCase => unionCase.Fields.Select(
            field => new KeyMember($"{unionCase.Name}.{field.Name}", field.PropertyType, field)))];

    private static string? RefusalOf(Type type)
    {
        if (type.IsArray) return $"two arrays with the same elements are not equal; {Advice}";
        if (type.IsPointer || type.IsByRefLike || type == typeof(nint) || type == typeof(nuint))
            return "a pointer means nothing in another process; use a number";
        if (FSharpTypes.IsAsync(type)) return "it is a computation that has not run; run it with Async.RunSynchronously and use its result";
        if (type.IsAssignableTo(typeof(Delegate)) || FSharpFunctions.Contains(type)) return "functions cannot be compared; use a name or a number";
        if (type.IsDefined(typeof(InlineArrayAttribute))) return $"inline arrays cannot be compared; {Advice}";
        if (type.IsValueType && Array.Exists(type.GetFields(KeyEquality.Declared), static field => field.IsDefined(typeof(FixedBufferAttribute))))
            return $"of a fixed buffer only the first element would be compared; {Advice}";
        if (type == typeof(object) || type.IsInterface)
            return "its values may be of any type; declare a type whose values are equal by their members, such as a record or a tuple";
        return null;
    }

    private static string RefusalOfReference(Type type) => typeof(IEnumerable).IsAssignableFrom(type)
        ? $"two collections with the same elements are not equal; {Advice}"
        : FrameworkAssemblies.Contains(type.Assembly)
            ? "two of its objects with the same content are not equal; use a tuple, a record or a string of its content"
        : FSharpTypes.IsRecordOrUnion(type)
            ? "two of its objects are equal only if they are one object; remove its attribute ReferenceEquality or NoEquality"
        : KeyEquality.IsAnonymous(type)
            ? "none of its members is marked as Key, so that two of its objects are equal only if they are one object; mark those that make up the key"
            : $"two of its objects are equal only if they are one object; make it a record, or override Equals and implement {nameof(IStableHashCode)}";

    private static string RefusalOfOwnEquality(Type type) => typeof(IEnumerable).IsAssignableFrom(type) && FrameworkAssemblies.Contains(type.Assembly)
        ? $"two collections with the same elements are not equal; {Advice}"
        : FrameworkAssemblies.Contains(type.Assembly)
            ? "its hash code may differ from process to process; use a tuple, a record or a string of its content"
            : $"it has an Equals of its own, and its hash code may differ from process to process; implement {nameof(IStableHashCode)}, "
                + "or use a tuple or a record of the members that it compares";
}
