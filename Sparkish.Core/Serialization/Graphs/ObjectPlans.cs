using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Graphs;

/// <summary>The plans of all types met so far; a type that cannot be sent has a plan that says why.</summary>
internal static class ObjectPlans
{
    private static readonly ConditionalWeakTable<Type, ObjectPlan> Cache = [];

    public static ObjectPlan For(Type type) => Cache.GetValue(type, static type => PlanSource.Current.Make(type));

    /// <summary>The plan by which a struct in a field or an array is written in place; null where a node with a type of its own is written.</summary>
    public static ObjectPlan? InPlace(Type type) => type.IsValueType && Nullable.GetUnderlyingType(type) is null ? For(type) : null;
}
