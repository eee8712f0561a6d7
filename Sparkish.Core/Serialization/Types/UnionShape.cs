#pragma warning disable MA0048 // a case is a part of the shape
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Types;

/// <summary>A case of an F# union.</summary>
/// <param name="Name">Its name in the source.</param>
/// <param name="Maker">Creates a value from the fields; the getter of a property for a case without fields.</param>
/// <param name="Fields">The fields, in their order.</param>
internal sealed record UnionCase(string Name, MethodInfo Maker, IReadOnlyList<PropertyInfo> Fields);

/// <summary>
/// An F# discriminated union as laid out by its compiler. It is recognized by the compiler's attributes, which are found by name: an application may supply
/// FSharp.Core, or have none.
/// </summary>
internal sealed class UnionShape
{
    private const string MappingAttribute = "Microsoft.FSharp.Core.CompilationMappingAttribute";
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    // Types of unloaded applications must not be kept.
    private static readonly ConditionalWeakTable<Type, Found> Known = [];

    private UnionShape(Type type, MethodInfo? tag, IReadOnlyList<UnionCase> cases, IReadOnlyList<Type> caseTypes) =>
        (Type, Tag, Cases, CaseTypes) = (type, tag, cases, caseTypes);

    private enum Construct
    {
        Union = 1,
        Field = 4,
        UnionCase = 8,
        Kinds = 31,
    }

    public Type Type { get; }

    /// <summary>Returns the number of a value's case: a getter, or a static method; null if there is only one case.</summary>
    public MethodInfo? Tag { get; }

    /// <summary>The cases by their numbers.</summary>
    public IReadOnlyList<UnionCase> Cases { get; }

    /// <summary>The classes of single cases, which derive from the union.</summary>
    public IReadOnlyList<Type> CaseTypes { get; }

    /// <summary>Returns the shape of a type; null if it is not a union.</summary>
    public static UnionShape? Of(Type type) => Known.GetValue(type, static type => new Found(TryMake(type))).Shape;

    private static UnionShape? TryMake(Type type)
    {
        if (FrameworkAssemblies.Contains(type.Assembly) || type.ContainsGenericParameters || KindOf(type) != Construct.Union) return null;
        var makers = MakersOf(type);
        if (makers.Count == 0 || makers.Keys.Max() != makers.Count - 1 || makers.Keys.Min() != 0) return null;
        var caseTypes = NestedIn(type).Where(nested => nested.IsSubclassOf(type)).ToArray();
        var fields = caseTypes.Prepend(type).SelectMany(static part => part.GetProperties(Declared | BindingFlags.Instance)).ToArray();
        var cases = makers.OrderBy(static maker => maker.Key)
            .Select(maker => new UnionCase(NameOf(maker.Value), maker.Value, FieldsOf(maker.Key, fields))).ToArray();
        var tag = type.GetProperty("Tag", Declared | BindingFlags.Instance)?.GetMethod ?? type.GetMethod("GetTag", Declared | BindingFlags.Static);
        var isWhole = (tag is not null || cases.Length == 1) && Array.TrueForAll(cases, AreAlike);
        return isWhole ? new UnionShape(type, cases.Length == 1 ? null : tag, cases, caseTypes) : null;
    }

    private static Dictionary<int, MethodInfo> MakersOf(Type type)
    {
        var makers = new Dictionary<int, MethodInfo>();
        foreach (var property in type.GetProperties(Declared | BindingFlags.Static))
        {
            if (property.GetMethod is { } getter && (CaseOf(property) ?? CaseOf(getter)) is { } number) makers.TryAdd(number, getter);
        }

        foreach (var method in type.GetMethods(Declared | BindingFlags.Static))
        {
            if (CaseOf(method) is { } number) makers.TryAdd(number, method);
        }

        return makers;
    }

    private static PropertyInfo[] FieldsOf(int number, PropertyInfo[] properties)
    {
        var fields = new SortedDictionary<int, PropertyInfo>();
        foreach (var property in properties)
        {
            if (MappingOf(property) is [Construct.Field, var variant, var sequence] && (int)variant == number) fields.TryAdd((int)sequence, property);
        }

        return [.. fields.Values];
    }

    private static bool AreAlike(UnionCase unionCase) => unionCase.Maker.GetParameters().Select(static parameter => parameter.ParameterType)
        .SequenceEqual(unionCase.Fields.Select(static field => field.PropertyType)) && unionCase.Fields.All(static field => field.GetMethod is not null);

    private static IEnumerable<Type> NestedIn(Type type)
    {
        var nested = type.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic);
        return type.IsConstructedGenericType
            ? nested.Where(part => part.GetGenericArguments().Length == type.GenericTypeArguments.Length)
                .Select(part => part.MakeGenericType(type.GenericTypeArguments))
            : nested.Where(static part => !part.ContainsGenericParameters);
    }

    // The maker of a case with fields is named New and the case, but for the cases of FSharp.Core's own types.
    private static string NameOf(MethodInfo maker)
    {
        const string Getter = "get_";
        const string Maker = "New";
        var name = maker.Name;
        if (name.StartsWith(Getter, StringComparison.Ordinal)) return name[Getter.Length..];
        return name.StartsWith(Maker, StringComparison.Ordinal) && name.Length > Maker.Length ? name[Maker.Length..] : name;
    }

    private static int? CaseOf(MemberInfo member) => MappingOf(member) is [Construct.UnionCase, var number] ? (int)number : null;

    private static Construct? KindOf(Type type) => MappingOf(type) is [var kind, ..] ? kind : null;

    // The kind, then the numbers behind it.
    private static Construct[]? MappingOf(MemberInfo member)
    {
        var mapping = member.GetCustomAttributesData()
            .FirstOrDefault(static attribute => string.Equals(attribute.AttributeType.FullName, MappingAttribute, StringComparison.Ordinal));
        if (mapping?.ConstructorArguments is not { Count: > 0 } arguments || arguments.Any(static argument => argument.Value is not int)) return null;
        var numbers = arguments.Select(static argument => (Construct)(int)argument.Value!).ToArray();
        numbers[0] &= Construct.Kinds;
        return numbers;
    }

    private sealed record Found(UnionShape? Shape);
}
