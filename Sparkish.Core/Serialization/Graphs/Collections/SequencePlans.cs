#pragma warning disable MA0048 // the plans of sequences belong together
using System.Collections;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Sparkish.Serialization.Graphs.Collections;

internal sealed class LinkedListPlan<T>(Type type) : SequencePlan<LinkedList<T>, T>(type)
{
    protected override int OverheadEach => 48;

    protected override T[] ToArray(LinkedList<T> collection) => [.. collection];

    protected override void Init(LinkedList<T> collection, int count) => Init(collection);

    protected override void Fill(LinkedList<T> collection, T[] elements)
    {
        foreach (var element in elements) collection.AddLast(element);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Init(LinkedList<T> list);
}

internal sealed class QueuePlan<T>(Type type) : SequencePlan<Queue<T>, T>(type)
{
    protected override T[] ToArray(Queue<T> collection) => collection.ToArray();

    protected override void Init(Queue<T> collection, int count) => Construct(collection, count);

    protected override void Fill(Queue<T> collection, T[] elements)
    {
        foreach (var element in elements) collection.Enqueue(element);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(Queue<T> queue, int capacity);
}

/// <summary>Stacks, from the bottom.</summary>
internal sealed class StackPlan<T>(Type type) : SequencePlan<Stack<T>, T>(type)
{
    protected override T[] ToArray(Stack<T> collection) => Reversed.Of(collection.ToArray());

    protected override void Init(Stack<T> collection, int count) => Construct(collection, count);

    protected override void Fill(Stack<T> collection, T[] elements)
    {
        foreach (var element in elements) collection.Push(element);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(Stack<T> stack, int capacity);
}

internal sealed class ConcurrentQueuePlan<T>(Type type) : SequencePlan<ConcurrentQueue<T>, T>(type)
{
    // An empty one has a segment of 32 slots.
    protected override int OverheadEach => 16;

    protected override T[] ToArray(ConcurrentQueue<T> collection) => collection.ToArray();

    protected override void Init(ConcurrentQueue<T> collection, int count) => Construct(collection);

    protected override void Fill(ConcurrentQueue<T> collection, T[] elements)
    {
        foreach (var element in elements) collection.Enqueue(element);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(ConcurrentQueue<T> queue);
}

/// <summary>Concurrent stacks, from the bottom.</summary>
internal sealed class ConcurrentStackPlan<T>(Type type) : SequencePlan<ConcurrentStack<T>, T>(type)
{
    protected override int OverheadEach => 32;

    protected override T[] ToArray(ConcurrentStack<T> collection) => Reversed.Of(collection.ToArray());

    protected override void Init(ConcurrentStack<T> collection, int count) => Construct(collection);

    protected override void Fill(ConcurrentStack<T> collection, T[] elements)
    {
        if (elements.Length > 0) collection.PushRange(elements);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(ConcurrentStack<T> stack);
}

/// <summary>Bags, in reverse order of enumeration: the last element that a thread added is taken first.</summary>
internal sealed class ConcurrentBagPlan<T>(Type type) : SequencePlan<ConcurrentBag<T>, T>(type)
{
    protected override int OverheadEach => 16;

    protected override T[] ToArray(ConcurrentBag<T> collection) => Reversed.Of(collection.ToArray());

    protected override void Init(ConcurrentBag<T> collection, int count) => Construct(collection);

    protected override void Fill(ConcurrentBag<T> collection, T[] elements)
    {
        foreach (var element in elements) collection.Add(element);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(ConcurrentBag<T> bag);
}

/// <summary>Lists of objects. Their members are virtual; those of the framework's class are called nonetheless.</summary>
internal sealed class ArrayListPlan(Type type) : SequencePlan<ArrayList, object?>(type)
{
    protected override object?[] ToArray(ArrayList collection) => BaseCall.Of<Func<object?[]>>(collection, typeof(ArrayList), nameof(ArrayList.ToArray))();

    protected override void Init(ArrayList collection, int count) => Construct(collection, count);

    protected override void Fill(ArrayList collection, object?[] elements)
    {
        var add = BaseCall.Of<Func<object?, int>>(collection, typeof(ArrayList), nameof(ArrayList.Add));
        foreach (var element in elements) add(element);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = ".ctor")]
    private static extern void Construct(ArrayList list, int capacity);
}

internal static class Reversed
{
    public static T[] Of<T>(T[] elements)
    {
        Array.Reverse(elements);
        return elements;
    }
}
