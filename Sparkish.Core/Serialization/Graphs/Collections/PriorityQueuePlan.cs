using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Graphs.Collections;

/// <summary>Priority queues, in the order of their heap: rebuilding the heap from it gives the same heap, so that equal priorities keep their order.</summary>
internal sealed class PriorityQueuePlan<TElement, TPriority>(Type type) : CollectionPlan<PriorityQueue<TElement, TPriority>>(type)
{
    private readonly ElementRun<TElement> _elements = new();
    private readonly ElementRun<TPriority> _priorities = new();

    protected override void WriteParts(ObjectWriter writer, PriorityQueue<TElement, TPriority> collection)
    {
        var elements = new TElement[collection.Count];
        var priorities = new TPriority[collection.Count];
        var index = 0;
        foreach (var (element, priority) in collection.UnorderedItems)
        {
            elements[index] = element;
            priorities[index++] = priority;
        }

        writer.Output.WriteCount(elements.Length);
        Comparers.Write(writer, collection.Comparer);
        _priorities.Write(writer, priorities);
        _elements.Write(writer, elements);
    }

    protected override void ReadParts(ObjectReader reader, ref ByteReader input, PriorityQueue<TElement, TPriority> collection)
    {
        var open = reader.OpenReferences;
        var count = input.ReadCount();
        var comparer = Comparers.Read<IComparer<TPriority>>(reader, ref input);
        _priorities.Expect(ref input, count);
        _elements.Expect(ref input, count);
        Init(collection, count, comparer);
        var priorities = _priorities.ReadKeys(reader, ref input, count, comparer);
        var isReady = Keys.AreReady(reader, open);
        var elements = _elements.Read(reader, ref input, count);
        if (isReady) collection.EnqueueRange(elements.Zip(priorities));
        else reader.Defer(() => collection.EnqueueRange(elements.Zip(priorities)));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Init(PriorityQueue<TElement, TPriority> queue, int capacity, IComparer<TPriority>? comparer);
}
