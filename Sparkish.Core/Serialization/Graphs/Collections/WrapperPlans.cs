#pragma warning disable MA0048 // the plans of collections around others belong together
using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Graphs.Collections;

/// <summary>A collection around another one, which may be shared.</summary>
internal abstract class WrapperPlan<TWrapper, TInner>(Type type) : CollectionPlan<TWrapper>(type)
    where TWrapper : class
    where TInner : class
{
    protected abstract TInner Inner(TWrapper wrapper);

    protected abstract void Init(TWrapper wrapper, TInner inner);

    protected sealed override void WriteParts(ObjectWriter writer, TWrapper collection) => writer.Write(Inner(collection));

    protected sealed override void ReadParts(ObjectReader reader, ref ByteReader input, TWrapper collection)
    {
        var inner = reader.Read(ref input);
        Init(collection, inner as TInner ?? throw new SerializationException(
            $"The input holds {(inner is null ? "null" : $"a {inner.GetType()}")} where the {typeof(TInner)} in a {Type} is expected."));
    }
}

internal sealed class CollectionWrapperPlan<T>(Type type) : WrapperPlan<Collection<T>, IList<T>>(type)
{
    protected override IList<T> Inner(Collection<T> wrapper) => CollectionAccess<T>.Items(wrapper);

    protected override void Init(Collection<T> wrapper, IList<T> inner) => Construct(wrapper, inner);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(Collection<T> wrapper, IList<T> inner);
}

internal sealed class ReadOnlyCollectionPlan<T>(Type type) : WrapperPlan<ReadOnlyCollection<T>, IList<T>>(type)
{
    protected override IList<T> Inner(ReadOnlyCollection<T> wrapper) => Items(wrapper);

    protected override void Init(ReadOnlyCollection<T> wrapper, IList<T> inner) => Construct(wrapper, inner);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Items")]
    private static extern IList<T> Items(ReadOnlyCollection<T> wrapper);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(ReadOnlyCollection<T> wrapper, IList<T> inner);
}

/// <summary>Event subscribers are not sent.</summary>
internal sealed class ReadOnlyObservableCollectionPlan<T>(Type type) : WrapperPlan<ReadOnlyObservableCollection<T>, ObservableCollection<T>>(type)
{
    protected override ObservableCollection<T> Inner(ReadOnlyObservableCollection<T> wrapper) =>
        (ObservableCollection<T>)ReadOnlyCollectionAccess<T>.Items(wrapper);

    protected override void Init(ReadOnlyObservableCollection<T> wrapper, ObservableCollection<T> inner) => Construct(wrapper, inner);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(ReadOnlyObservableCollection<T> wrapper, ObservableCollection<T> inner);
}

internal sealed class ReadOnlyDictionaryPlan<TKey, TValue>(Type type)
    : WrapperPlan<ReadOnlyDictionary<TKey, TValue>, IDictionary<TKey, TValue>>(type) where TKey : notnull
{
    protected override IDictionary<TKey, TValue> Inner(ReadOnlyDictionary<TKey, TValue> wrapper) => Dictionary(wrapper);

    protected override void Init(ReadOnlyDictionary<TKey, TValue> wrapper, IDictionary<TKey, TValue> inner) => Construct(wrapper, inner);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Dictionary")]
    private static extern IDictionary<TKey, TValue> Dictionary(ReadOnlyDictionary<TKey, TValue> wrapper);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(ReadOnlyDictionary<TKey, TValue> wrapper, IDictionary<TKey, TValue> inner);
}

internal sealed class ReadOnlySetPlan<T>(Type type) : WrapperPlan<ReadOnlySet<T>, ISet<T>>(type)
{
    protected override ISet<T> Inner(ReadOnlySet<T> wrapper) => Set(wrapper);

    protected override void Init(ReadOnlySet<T> wrapper, ISet<T> inner) => Construct(wrapper, inner);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Set")]
    private static extern ISet<T> Set(ReadOnlySet<T> wrapper);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(ReadOnlySet<T> wrapper, ISet<T> inner);
}

/// <summary>Observable collections own their list. Event subscribers are not sent.</summary>
internal sealed class ObservableCollectionPlan<T>(Type type) : SequencePlan<ObservableCollection<T>, T>(type)
{
    protected override T[] ToArray(ObservableCollection<T> collection) => [.. CollectionAccess<T>.Items(collection)];

    protected override void Init(ObservableCollection<T> collection, int count) => Construct(collection);

    protected override void Fill(ObservableCollection<T> collection, T[] elements)
    {
        var items = CollectionAccess<T>.Items(collection);
        foreach (var element in elements) items.Add(element);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(ObservableCollection<T> collection);
}

/// <summary>An accessor's class has the parameters of the class that it accesses.</summary>
internal static class CollectionAccess<T>
{
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Items")]
    public static extern IList<T> Items(Collection<T> collection);
}

/// <summary>An accessor's class has the parameters of the class that it accesses.</summary>
internal static class ReadOnlyCollectionAccess<T>
{
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_Items")]
    public static extern IList<T> Items(ReadOnlyCollection<T> collection);
}
