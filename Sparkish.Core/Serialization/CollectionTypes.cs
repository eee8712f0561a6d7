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
}
