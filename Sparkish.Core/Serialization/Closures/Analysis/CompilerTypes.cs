using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Closures.Analysis;

/// <summary>
/// Recognizes the types, methods and fields that the compilers of C#, F# and Visual Basic generate for lambdas, local functions, iterators and async methods.
/// </summary>
internal static class CompilerTypes
{
    private const string OuterThis = "<>4__this";
    private const string OuterMe = "$VB$Me";
    private const string BasicClosure = "_Closure$__";
    private const string BasicLambda = "_Lambda$__";

    private static readonly ConditionalWeakTable<Type, object> Kinds = [];
    private static readonly ConditionalWeakTable<Type, object> Singletons = [];

    private enum Kind
    {
        Written,
        Generated,
        Singleton,
        Capture,
    }

    /// <summary>The class of lambdas that capture nothing.</summary>
    public static bool IsSingleton(Type type) => KindOf(type) == Kind.Singleton;

    /// <summary>A class of captured variables, shared by all lambdas of a scope; in F# the class of one lambda.</summary>
    public static bool IsCapture(Type type) => KindOf(type) == Kind.Capture;

    /// <summary>Any type that does not occur in source code.</summary>
    public static bool IsGenerated(Type type) => KindOf(type) != Kind.Written;

    /// <summary>Whether the compiler generated a method from code in the body of another.</summary>
    public static bool IsGenerated(MethodBase method) =>
        method.Name.StartsWith('<') || IsBasicLambda(method.Name) || (method.DeclaringType is { } type && IsGenerated(type));

    /// <summary>Whether a method has the name of a Visual Basic lambda, which does not name its containing method.</summary>
    public static bool IsBasicLambda(string method) => method.StartsWith(BasicLambda, StringComparison.Ordinal);

    /// <summary>Whether a field refers to the object around a lambda, an iterator or an async method.</summary>
    public static bool IsOuterThis(FieldInfo field) =>
        field.DeclaringType is { } type && (field.Name is OuterThis or OuterMe ? IsGenerated(type) : FSharpClosures.IsOuterThis(field));

    /// <summary>Whether a field refers to the captured variables of the next outer scope.</summary>
    public static bool IsOuterScope(FieldInfo field) =>
        field.Name.StartsWith("CS$<>8__locals", StringComparison.Ordinal) || field.Name.StartsWith("$VB$NonLocal_", StringComparison.Ordinal);

    /// <summary>Whether a field only caches a lambda, so that it is created once.</summary>
    public static bool IsCache(FieldInfo field) =>
        (field.Name.StartsWith("<>9__", StringComparison.Ordinal)
            || (field.Name.StartsWith("$I", StringComparison.Ordinal) && field.FieldType.IsAssignableTo(typeof(Delegate))))
        && field.DeclaringType is { } type && IsGenerated(type);

    /// <summary>The one object of a class of lambdas that capture nothing; null for any other type.</summary>
    public static object? SingletonOf(Type type) => IsSingleton(type) ? Singletons.GetValue(type, static type => FindSingleton(type)) : null;

    private static object FindSingleton(Type type)
    {
        const BindingFlags Shared = BindingFlags.Static | BindingFlags.Public;
        return (type.GetField("<>9", Shared) ?? type.GetField("$I", Shared))?.GetValue(null) ?? RuntimeHelpers.GetUninitializedObject(type);
    }

    private static Kind KindOf(Type type) => (Kind)Kinds.GetValue(type, static type => FindKind(type));

    private static Kind FindKind(Type type)
    {
        if (FSharpClosures.IsClosure(type)) return FSharpClosures.IsOfDelegate(type) ? Kind.Capture : Kind.Generated;
        if (!type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)) return Kind.Written;
        if (type.Name.StartsWith(BasicClosure, StringComparison.Ordinal))
            return type.Name.Split('`')[0].Length == BasicClosure.Length ? Kind.Singleton : Kind.Capture;
        if (type.Name.StartsWith("VB$", StringComparison.Ordinal)) return Kind.Generated;
        if (!type.Name.StartsWith('<')) return Kind.Written;
        if (type.Name.StartsWith("<>c__DisplayClass", StringComparison.Ordinal)) return Kind.Capture;
        return type.Name.StartsWith("<>c", StringComparison.Ordinal) ? Kind.Singleton : Kind.Generated;
    }
}
