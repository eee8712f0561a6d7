using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization;

/// <summary>Knows the types and methods that compilers make for lambdas, local functions, iterators and async methods.</summary>
internal static class CompilerTypes
{
    /// <summary>The class of lambdas that capture nothing.</summary>
    public static bool IsSingleton(Type type) =>
        type.Name.StartsWith("<>c", StringComparison.Ordinal) && !IsCapture(type) && type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    /// <summary>A class of captured variables, shared by all lambdas of a scope.</summary>
    public static bool IsCapture(Type type) =>
        type.Name.StartsWith("<>c__DisplayClass", StringComparison.Ordinal) && type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    /// <summary>Whether a method was made by the compiler from code in the body of another.</summary>
    public static bool IsGenerated(MethodBase method) =>
        method.Name.StartsWith('<')
        || (method.DeclaringType is { } type && type.Name.StartsWith('<') && type.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false));

    public static object SingletonOf(Type type)
    {
        if (!IsSingleton(type)) throw new SerializationException($"{type} is no class of lambdas.");
        return type.GetField("<>9", BindingFlags.Static | BindingFlags.Public)?.GetValue(null) ?? RuntimeHelpers.GetUninitializedObject(type);
    }
}
