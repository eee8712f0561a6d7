using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs.Collections;

/// <summary>The plans of the collections in <see cref="FrameworkCollections"/>.</summary>
internal static class CollectionPlans
{
    private static readonly Dictionary<Type, Type> Plans = new()
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
        [typeof(FrozenDictionary<,>)] = typeof(FrozenDictionaryPlan<,>),
        [typeof(FrozenSet<>)] = typeof(FrozenSetPlan<>),
    };

    /// <summary>The definition of the plan of a collection's definition.</summary>
    public static Type PlanOf(Type definition) => Plans[definition];

    /// <summary>Returns the plan of a collection, of a derived type, or of a framework's comparer; null for other types.</summary>
    public static ObjectPlan? PlanFor(Type type)
    {
        if (FrameworkCollections.Find(type) is not { } part) return ComparerPlans.For(type);
        var plan = Plans[FrameworkCollections.Definition(part)];
        var written = FrameworkCollections.IsHidden(part) ? part : type;
        return (ObjectPlan)(plan.IsGenericTypeDefinition
            ? Activator.CreateInstance(plan.MakeGenericType(part.GenericTypeArguments), written)!
            : plan == typeof(BitArrayPlan) ? new BitArrayPlan() : Activator.CreateInstance(plan, written)!);
    }
}
