using System.Reflection;
using System.Runtime.CompilerServices;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs;

/// <summary>Keys whose hash code combines their parts' hash codes: records and tuples, and types that override <see cref="object.GetHashCode"/>.</summary>
internal static class StructuralKeys
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    // Types of unloaded applications must not be kept.
    private static readonly ConditionalWeakTable<Type, Facts> Known = [];

    /// <summary>Whether the hash code of a type's objects may access their parts.</summary>
    public static bool IsHashedByParts(Type type) => Of(type).IsHashedByParts;

    /// <summary>Refuses a record that contains itself: computing its hash code would overflow the stack, which terminates the process.</summary>
    public static void RefuseCycles<T>(ReadOnlySpan<T> keys)
    {
        if (typeof(T).IsSealed && Of(typeof(T)).Parts.Length == 0) return;
        var done = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var path = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (var key in keys)
        {
            if (key is not null) Visit(key, path, done);
        }
    }

    private static void Visit(object value, HashSet<object> path, HashSet<object> done)
    {
        var parts = Of(value.GetType()).Parts;
        if (parts.Length == 0 || done.Contains(value)) return;
        if (!path.Add(value) || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new SerializationException($"The input holds a {value.GetType()} as a key that is a part of itself: it has no hash code.");
        }

        foreach (var part in parts)
        {
            if (part.GetValue(value) is { } child) Visit(child, path, done);
        }

        path.Remove(value);
        done.Add(value);
    }

    private static Facts Of(Type type) => Known.GetValue(type, static type => Facts.Of(type));

    /// <param name="IsHashedByParts">Whether the hash code may access parts.</param>
    /// <param name="Parts">The fields that the hash code is known to access.</param>
    private sealed record Facts(bool IsHashedByParts, FieldInfo[] Parts)
    {
        public static Facts Of(Type type)
        {
            var method = type.GetMethod(nameof(GetHashCode), BindingFlags.Instance | BindingFlags.Public, [])!;
            var isIdentity = method.DeclaringType == typeof(object);
            if (isIdentity || type.IsPrimitive || type.IsEnum || type == typeof(string)
                || FrameworkSurrogates.Contains(type) || type.IsAssignableTo(typeof(Type))) return new(false, []);
            var isGenerated = method.IsDefined(typeof(CompilerGeneratedAttribute)) || method.DeclaringType == typeof(ValueType)
                || type.IsAssignableTo(typeof(ITuple));
            return new(true, isGenerated ? Fields(type) : []);
        }

        private static FieldInfo[] Fields(Type type)
        {
            var fields = new List<FieldInfo>();
            for (var part = type; part is not null && part != typeof(object); part = part.BaseType)
            {
                fields.AddRange(part.GetFields(Declared).Where(field => !field.FieldType.IsPrimitive && field.FieldType != typeof(string)));
            }

            return [.. fields];
        }
    }
}
