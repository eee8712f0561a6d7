using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Graphs;

/// <summary>The plans of all types so far; a type that cannot be sent has a plan with the reason.</summary>
internal static class ObjectPlans
{
    private static readonly ConditionalWeakTable<Type, ObjectPlan> Cache = [];

    public static ObjectPlan For(Type type) => Cache.GetValue(type, static type => PlanSource.Current.Make(type));

    /// <summary>The plan that writes a struct inline in a field or an array; null if a node with its own type is written.</summary>
    public static ObjectPlan? InPlace(Type type) => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? For(type) : null;
}
