using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Types;

/// <summary>Detects classes with finalizers.</summary>
internal static class Finalizers
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly ConditionalWeakTable<Type, object> Known = [];

    /// <summary>Whether a class, or one of its bases, has a finalizer.</summary>
    public static bool Has(Type type) => (bool)Known.GetValue(type, static type => Find(type));

    private static bool Find(Type type)
    {
        for (var part = type; part is not null && part != typeof(object); part = part.BaseType)
        {
            if (part.GetMethod("Finalize", Declared, []) is not null) return true;
        }

        return false;
    }
}
