namespace Sparkish.Serialization;

/// <summary>The framework's collections that have a plan of their own; no other type of the collection namespaces is sent.</summary>
internal static class CollectionTypes
{
    private static readonly Dictionary<Type, Type> Plans = new()
    {
        [typeof(List<>)] = typeof(ListPlan<>),
        [typeof(Dictionary<,>)] = typeof(DictionaryPlan<,>),
        [typeof(HashSet<>)] = typeof(HashSetPlan<>),
    };

    /// <summary>The definition of the plan of a collection's definition; null where there is none.</summary>
    public static Type? PlanOf(Type definition) => Plans.GetValueOrDefault(definition);

    /// <summary>The plan of a collection, or of a type that derives from one; null where it is written another way.</summary>
    public static ObjectPlan? PlanFor(Type type) => type.IsConstructedGenericType && PlanOf(type.GetGenericTypeDefinition()) is { } plan
        ? (ObjectPlan)Activator.CreateInstance(plan.MakeGenericType(type.GenericTypeArguments))!
        : null;
}
