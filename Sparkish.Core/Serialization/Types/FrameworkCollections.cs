using System.Collections;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;

namespace Sparkish.Serialization.Types;

/// <summary>The framework's collections with a dedicated encoding; no other type of the collection namespaces is sent.</summary>
internal static class FrameworkCollections
{
    private static readonly Dictionary<Type, Derivation> Known = new()
    {
        [typeof(List<>)] = Derivation.ByApplication,
        [typeof(LinkedList<>)] = Derivation.ByApplication,
        [typeof(Queue<>)] = Derivation.ByApplication,
        [typeof(Stack<>)] = Derivation.ByApplication,
        [typeof(PriorityQueue<,>)] = Derivation.ByApplication,
        [typeof(ConcurrentQueue<>)] = Derivation.ByApplication,
        [typeof(ConcurrentStack<>)] = Derivation.ByApplication,
        [typeof(ConcurrentBag<>)] = Derivation.ByApplication,
        [typeof(ArrayList)] = Derivation.ByApplication,
        [typeof(Dictionary<,>)] = Derivation.ByApplication,
        [typeof(OrderedDictionary<,>)] = Derivation.ByApplication,
        [typeof(ConcurrentDictionary<,>)] = Derivation.ByApplication,
        [typeof(Hashtable)] = Derivation.ByApplication,
        [typeof(HashSet<>)] = Derivation.ByApplication,
        [typeof(SortedDictionary<,>)] = Derivation.ByApplication,
        [typeof(SortedList<,>)] = Derivation.ByApplication,
        [typeof(SortedSet<>)] = Derivation.ByApplication,
        [typeof(KeyedCollection<,>)] = Derivation.ByApplication,
        [typeof(ObservableCollection<>)] = Derivation.ByApplication,
        [typeof(Collection<>)] = Derivation.ByApplication,
        [typeof(ReadOnlyObservableCollection<>)] = Derivation.ByApplication,
        [typeof(ReadOnlyCollection<>)] = Derivation.ByApplication,
        [typeof(ReadOnlyDictionary<,>)] = Derivation.ByApplication,
        [typeof(ReadOnlySet<>)] = Derivation.ByApplication,
        [typeof(ImmutableList<>)] = Derivation.None,
        [typeof(ImmutableQueue<>)] = Derivation.None,
        [typeof(ImmutableStack<>)] = Derivation.None,
        [typeof(ImmutableDictionary<,>)] = Derivation.None,
        [typeof(ImmutableSortedDictionary<,>)] = Derivation.None,
        [typeof(ImmutableHashSet<>)] = Derivation.None,
        [typeof(ImmutableSortedSet<>)] = Derivation.None,
        [typeof(ImmutableArray<>)] = Derivation.None,
        [typeof(ArraySegment<>)] = Derivation.None,
        [typeof(Memory<>)] = Derivation.None,
        [typeof(ReadOnlyMemory<>)] = Derivation.None,
        [typeof(BitArray)] = Derivation.None,
        [typeof(FrozenDictionary<,>)] = Derivation.ByFramework,
        [typeof(FrozenSet<>)] = Derivation.ByFramework,
    };

    /// <summary>The definitions of all of them.</summary>
    public static IReadOnlyCollection<Type> Definitions => Known.Keys;

    /// <summary>Whether a type is a collection, derives from one, or is a comparer with a dedicated encoding.</summary>
    public static bool IsPlanned(Type type) => Known.ContainsKey(Definition(type)) || Find(type) is not null || FrameworkComparers.Contains(type);

    /// <summary>Whether the objects of a collection are of non-public classes.</summary>
    public static bool IsHidden(Type collection) => Known.TryGetValue(Definition(collection), out var derivation) && derivation == Derivation.ByFramework;

    /// <summary>The collection that objects of a type are, or derive from; null for any other type.</summary>
    public static Type? Find(Type type)
    {
        if (type.IsAbstract && !IsHidden(type)) return null;
        var derivation = FrameworkAssemblies.Contains(type.Assembly) ? Derivation.ByFramework : Derivation.ByApplication;
        for (var part = type; part is not null && part != typeof(object); part = part.BaseType)
        {
            if (part.ContainsGenericParameters) return null;
            if (Known.TryGetValue(Definition(part), out var known) && (part == type || known == derivation)) return part;
        }

        return null;
    }

    /// <summary>A generic type's definition; other types themselves.</summary>
    public static Type Definition(Type type) => type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;
}

/// <summary>The classes of the application, or of the framework, that may stand for a collection.</summary>
internal enum Derivation
{
    /// <summary>Only the collection itself.</summary>
    None,

    /// <summary>Classes of the application that derive from it.</summary>
    ByApplication,

    /// <summary>Non-public classes of the framework, which it chooses by the keys.</summary>
    ByFramework,
}
