using System.Reflection;

namespace Sparkish.Serialization.Types;

/// <summary>The framework's comparers that have a dedicated encoding.</summary>
internal static class FrameworkComparers
{
    /// <summary>The class of comparers of strings by the rules of a culture.</summary>
    public static readonly Type OfCultures = StringComparer.InvariantCulture.GetType();

    /// <summary>The class of comparers that call a <see cref="Comparison{T}"/>.</summary>
    public static readonly Type ByComparison = Comparer<int>.Create(static (_, _) => 0).GetType().GetGenericTypeDefinition();

    /// <summary>The class of comparers that call functions for equality and hash codes.</summary>
    public static readonly Type ByFunctions = EqualityComparer<int>.Create(static (_, _) => true).GetType().GetGenericTypeDefinition();

    public static bool Contains(Type type) =>
        type == OfCultures || type == typeof(ReferenceEqualityComparer)
        || (type.IsConstructedGenericType && type.GetGenericTypeDefinition() is var definition && (definition == ByComparison || definition == ByFunctions))
        || DefaultOf(type) is not null;

    /// <summary>The default comparer of a class; null for any other type.</summary>
    public static object? DefaultOf(Type type)
    {
        if (!FrameworkAssemblies.Contains(type.Assembly) || type.ContainsGenericParameters) return null;
        for (var part = type.BaseType; part is not null; part = part.BaseType)
        {
            if (!part.IsConstructedGenericType) continue;
            var definition = part.GetGenericTypeDefinition();
            if (definition != typeof(EqualityComparer<>) && definition != typeof(Comparer<>)) continue;
            var instance = part.GetProperty(nameof(EqualityComparer<int>.Default), BindingFlags.Static | BindingFlags.Public)!.GetValue(null)!;
            return instance.GetType() == type ? instance : null;
        }

        return null;
    }
}
