using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>Knows the types, methods and fields that compilers make for lambdas, local functions, iterators and async methods.</summary>
internal static class CompilerTypes
{
    private const string OuterThis = "<>4__this";

    private static readonly ConditionalWeakTable<Type, object> Kinds = [];

    private enum Kind
    {
        Written,
        Generated,
        Singleton,
        Capture,
    }

    /// <summary>The class of lambdas that capture nothing.</summary>
    public static bool IsSingleton(Type type) => KindOf(type) == Kind.Singleton;

    /// <summary>A class of captured variables, shared by all lambdas of a scope.</summary>
    public static bool IsCapture(Type type) => KindOf(type) == Kind.Capture;

    /// <summary>Any type that stands in no source text.</summary>
    public static bool IsGenerated(Type type) => KindOf(type) != Kind.Written;

    /// <summary>Whether a method was made by the compiler from code in the body of another.</summary>
    public static bool IsGenerated(MethodBase method) =>
        method.Name.StartsWith('<') || (method.DeclaringType is { } type && IsGenerated(type));

    /// <summary>Whether a field keeps the object around a lambda, an iterator or an async method.</summary>
    public static bool IsOuterThis(FieldInfo field) =>
        string.Equals(field.Name, OuterThis, StringComparison.Ordinal) && field.DeclaringType is { } type && IsGenerated(type);

    /// <summary>Whether a field keeps the captured variables of the next outer scope.</summary>
    public static bool IsOuterScope(FieldInfo field) => field.Name.StartsWith("CS$<>8__locals", StringComparison.Ordinal);

    /// <summary>Whether a field only keeps a lambda that was made before, to make it once.</summary>
    public static bool IsCache(FieldInfo field) =>
        field.Name.StartsWith("<>9__", StringComparison.Ordinal) && field.DeclaringType is { } type && IsGenerated(type);

    /// <summary>The one object of a class of lambdas that capture nothing; null where the type is none.</summary>
    public static object? SingletonOf(Type type) => !IsSingleton(type) ? null
        : type.GetField("<>9", BindingFlags.Static | BindingFlags.Public)?.GetValue(null) ?? RuntimeHelpers.GetUninitializedObject(type);

    private static Kind KindOf(Type type) => (Kind)Kinds.GetValue(type, static type => FindKind(type));

    private static Kind FindKind(Type type)
    {
        if (!type.Name.StartsWith('<') || !type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)) return Kind.Written;
        if (type.Name.StartsWith("<>c__DisplayClass", StringComparison.Ordinal)) return Kind.Capture;
        return type.Name.StartsWith("<>c", StringComparison.Ordinal) ? Kind.Singleton : Kind.Generated;
    }
}
