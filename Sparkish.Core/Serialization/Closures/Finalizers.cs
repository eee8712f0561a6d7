using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Closures;

/// <summary>Tells which classes have finalizers.</summary>
internal static class Finalizers
{
    private static readonly ConditionalWeakTable<Type, object> Known = [];

    public static bool Has(Type type) => (bool)Known.GetValue(type, static type =>
        type.GetMethod("Finalize", BindingFlags.Instance | BindingFlags.NonPublic, Type.EmptyTypes) is { } method && method.DeclaringType != typeof(object));
}
