using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;

namespace Sparkish.Serialization;

/// <summary>The framework's collections and comparers that have a plan of their own; no other type of the collection namespaces is sent.</summary>
internal static class CollectionTypes
{
    // Classes of the application may derive from these.
    private static readonly Dictionary<Type, Type> Open = new()
    {
        [typeof(List<>)] = typeof(ListPlan<>),
        [typeof(LinkedList<>)] = typeof(LinkedListPlan<>),
        [typeof(Queue<>)] = typeof(QueuePlan<>),
        [typeof(Stack<>)] = typeof(StackPlan<>),
        [typeof(PriorityQueue<,>)] = typeof(PriorityQueuePlan<,>),
        [typeof(ConcurrentQueue<>)] = typeof(ConcurrentQueuePlan<>),
        [typeof(ConcurrentStack<>)] = typeof(ConcurrentStackPlan<>),
        [typeof(ConcurrentBag<>)] = typeof(ConcurrentBagPlan<>),
        [typeof(ArrayList)] = typeof(ArrayListPlan),
        [typeof(Dictionary<,>)] = typeof(DictionaryPlan<,>),
        [typeof(OrderedDictionary<,>)] = typeof(OrderedDictionaryPlan<,>),
        [typeof(ConcurrentDictionary<,>)] = typeof(ConcurrentDictionaryPlan<,>),
        [typeof(Hashtable)] = typeof(HashtablePlan),
        [typeof(HashSet<>)] = typeof(HashSetPlan<>),
        [typeof(SortedDictionary<,>)] = typeof(SortedDictionaryPlan<,>),
        [typeof(SortedList<,>)] = typeof(SortedListPlan<,>),
        [typeof(SortedSet<>)] = typeof(SortedSetPlan<>),
        [typeof(KeyedCollection<,>)] = typeof(KeyedCollectionPlan<,>),
        [typeof(ObservableCollection<>)] = typeof(ObservableCollectionPlan<>),
        [typeof(Collection<>)] = typeof(CollectionWrapperPlan<>),
        [typeof(ReadOnlyObservableCollection<>)] = typeof(ReadOnlyObservableCollectionPlan<>),
        [typeof(ReadOnlyCollection<>)] = typeof(ReadOnlyCollectionPlan<>),
        [typeof(ReadOnlyDictionary<,>)] = typeof(ReadOnlyDictionaryPlan<,>),
        [typeof(ReadOnlySet<>)] = typeof(ReadOnlySetPlan<>),
    };

    private static readonly Dictionary<Type, Type> Closed = new()
    {
        [typeof(ImmutableList<>)] = typeof(ImmutableListPlan<>),
        [typeof(ImmutableQueue<>)] = typeof(ImmutableQueuePlan<>),
        [typeof(ImmutableStack<>)] = typeof(ImmutableStackPlan<>),
        [typeof(ImmutableDictionary<,>)] = typeof(ImmutableDictionaryPlan<,>),
        [typeof(ImmutableSortedDictionary<,>)] = typeof(ImmutableSortedDictionaryPlan<,>),
        [typeof(ImmutableHashSet<>)] = typeof(ImmutableHashSetPlan<>),
        [typeof(ImmutableSortedSet<>)] = typeof(ImmutableSortedSetPlan<>),
        [typeof(ImmutableArray<>)] = typeof(ImmutableArrayPlan<>),
        [typeof(ArraySegment<>)] = typeof(ArraySegmentPlan<>),
        [typeof(Memory<>)] = typeof(MemoryPlan<>),
        [typeof(ReadOnlyMemory<>)] = typeof(ReadOnlyMemoryPlan<>),
        [typeof(BitArray)] = typeof(BitArrayPlan),
    };

    // The framework makes these of classes that nobody names, chosen by the keys.
    private static readonly Dictionary<Type, Type> Hidden = new()
    {
        [typeof(FrozenDictionary<,>)] = typeof(FrozenDictionaryPlan<,>),
        [typeof(FrozenSet<>)] = typeof(FrozenSetPlan<>),
    };

    /// <summary>The definition of the plan of a collection's definition; null where there is none.</summary>
    public static Type? PlanOf(Type definition) =>
        Open.GetValueOrDefault(definition) ?? Closed.GetValueOrDefault(definition) ?? Hidden.GetValueOrDefault(definition);

    /// <summary>Whether a collection, a type that derives from one, or a comparer has a plan here. Makes none.</summary>
    public static bool IsPlanned(Type type) => PlanOf(Definition(type)) is not null || Find(type) is not null || ComparerPlans.Has(type);

    /// <summary>The plan of a collection, of a type that derives from one, or of a framework's comparer; null where it is written another way.</summary>
    public static ObjectPlan? PlanFor(Type type)
    {
        if (Find(type) is not { } found) return ComparerPlans.For(type);
        var (part, plan) = found;
        var written = Hidden.ContainsKey(Definition(part)) ? part : type;
        return (ObjectPlan)(plan.IsGenericTypeDefinition
            ? Activator.CreateInstance(plan.MakeGenericType(part.GenericTypeArguments), written)!
            : plan == typeof(BitArrayPlan) ? new BitArrayPlan() : Activator.CreateInstance(plan, written)!);
    }

    private static (Type Part, Type Plan)? Find(Type type)
    {
        if (type.IsAbstract && !Hidden.ContainsKey(Definition(type))) return null;
        var isOwn = !FrameworkAssemblies.Contains(type.Assembly);
        for (var part = type; part is not null && part != typeof(object); part = part.BaseType)
        {
            var definition = Definition(part);
            if (part.ContainsGenericParameters) return null;
            if (part == type ? PlanOf(definition) is { } plan : (isOwn ? Open : Hidden).TryGetValue(definition, out plan)) return (part, plan);
        }

        return null;
    }

    private static Type Definition(Type type) => type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;
}
