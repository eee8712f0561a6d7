using System.Reflection;
using System.Runtime.CompilerServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>
/// Knows the classes that F# makes of lambdas: one for each, with a field for each captured value. Their names are those of the member around the lambda, an
/// @ and the line. A lambda that becomes a delegate has a mark; another one derives from F#'s own class of functions.
/// </summary>
internal static class FSharpClosures
{
    private const string MappingAttribute = "Microsoft.FSharp.Core.CompilationMappingAttribute";
    private const int Closure = 6;
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    // Unloaded applications' types must not be kept.
    private static readonly ConditionalWeakTable<Type, Self> Selves = [];

    /// <summary>Whether a class is that of a lambda, or of a sequence expression.</summary>
    public static bool IsClosure(Type type) =>
        type.IsClass && type.Name.Contains('@', StringComparison.Ordinal) && (IsMarked(type) || FSharpFunctions.Contains(type));

    /// <summary>Whether a class is that of a lambda that became a delegate, which is the only one that refers to its object.</summary>
    public static bool IsOfDelegate(Type type) => type.BaseType == typeof(object) && IsMarked(type)
        && type.GetInterfaces().Length == 0 && type.GetMethods(Declared) is [{ Name: "Invoke" }];

    /// <summary>Whether a field keeps the object whose member the lambda stands in.</summary>
    public static bool IsOuterThis(FieldInfo field) =>
        field.DeclaringType is { } type && CompilerTypes.IsGenerated(type) && IsClosure(type)
        && string.Equals(Selves.GetValue(Definition(type), static type => new Self(FindSelf(type))).Field, field.Name, StringComparison.Ordinal);

    /// <summary>The code of the lambda whose class a constructor makes; empty for any other class.</summary>
    public static IEnumerable<MethodBase> CodeMadeBy(MethodBase constructor) =>
        constructor is ConstructorInfo { DeclaringType: { } type } && IsClosure(type) ? type.GetMethods(Declared) : [];

    /// <summary>Whether a lambda keeps an argument of its constructor as the object around it.</summary>
    public static bool IsKeptAsSelf(ConstructorInfo constructor, int argument) =>
        constructor.DeclaringType is { } type && IsClosure(type)
        && constructor.GetParameters()[argument].Name is { } name && type.GetField(name, Declared) is { } field && IsOuterThis(field);

    private static bool IsMarked(Type type) => type.GetCustomAttributesData().Any(static attribute =>
        string.Equals(attribute.AttributeType.FullName, MappingAttribute, StringComparison.Ordinal)
            && attribute.ConstructorArguments is [{ Value: Closure }]);

    // Its name is what the author calls the object; it is of a class that has the member which the lambda stands in.
    private static string? FindSelf(Type type)
    {
        var fields = type.GetFields(Declared).Where(static field => field.FieldType is { IsClass: true, IsArray: false }).ToArray();
        var member = type.Name[..type.Name.IndexOf('@', StringComparison.Ordinal)];
        return (Array.Find(fields, static field => field.Name is "this")
            ?? Array.Find(fields, field => field.FieldType.GetMember(member, Declared).Length > 0))?.Name;
    }

    private static Type Definition(Type type) => type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;

    private sealed record Self(string? Field);
}
