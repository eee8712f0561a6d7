using System.Reflection;
using System.Runtime.CompilerServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>
/// Recognizes the classes that F# generates for lambdas: one per lambda, with a field for each captured value. Their names consist of the containing member, an
/// @ and the line. The class of a lambda that becomes a delegate has a mark; others derive from F#'s own class of functions.
/// </summary>
internal static class FSharpClosures
{
    private const string MappingAttribute = "Microsoft.FSharp.Core.CompilationMappingAttribute";
    private const int Closure = 6;
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    // Types of unloaded applications must not be kept.
    private static readonly ConditionalWeakTable<Type, Self> Selves = [];

    /// <summary>Whether a class is that of a lambda, or of a sequence expression.</summary>
    public static bool IsClosure(Type type) =>
        type.IsClass && type.Name.Contains('@', StringComparison.Ordinal) && (IsMarked(type) || FSharpFunctions.Contains(type));

    /// <summary>Whether a class is that of a lambda that became a delegate, the only reference to its object.</summary>
    public static bool IsOfDelegate(Type type) => type.BaseType == typeof(object) && IsMarked(type)
        && type.GetInterfaces().Length == 0 && type.GetMethods(Declared) is [{ Name: "Invoke" }];

    /// <summary>Whether a field refers to the object whose member contains the lambda.</summary>
    public static bool IsOuterThis(FieldInfo field) =>
        field.DeclaringType is { } type && CompilerTypes.IsGenerated(type) && IsClosure(type)
        && string.Equals(Selves.GetValue(Definition(type), static type => new Self(FindSelf(type))).Field, field.Name, StringComparison.Ordinal);

    /// <summary>The code of the lambda whose class a constructor belongs to; empty for any other class.</summary>
    public static IEnumerable<MethodBase> CodeMadeBy(MethodBase constructor) =>
        constructor is ConstructorInfo { DeclaringType: { } type } && IsClosure(type) ? type.GetMethods(Declared) : [];

    /// <summary>Whether a lambda stores an argument of its constructor as the object around it.</summary>
    public static bool IsKeptAsSelf(ConstructorInfo constructor, int argument) =>
        constructor.DeclaringType is { } type && IsClosure(type)
        && constructor.GetParameters()[argument].Name is { } name && type.GetField(name, Declared) is { } field && IsOuterThis(field);

    private static bool IsMarked(Type type) => type.GetCustomAttributesData().Any(static attribute =>
        string.Equals(attribute.AttributeType.FullName, MappingAttribute, StringComparison.Ordinal)
            && attribute.ConstructorArguments is [{ Value: Closure }]);

    // The author's name for the object; its class has the member that contains the lambda.
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
