namespace Sparkish.Compute;

/// <summary>Keeps the largest elements seen, in a heap whose root is the smallest kept one.</summary>
internal sealed class BoundedTop<T>(int count, Comparison<T> order)
{
    private readonly PriorityQueue<T, T> _kept = new(Comparer<T>.Create(order));

    public void Add(T element)
    {
        if (_kept.Count < count) _kept.Enqueue(element, element);
        else if (order(element, _kept.Peek()) > 0) _kept.EnqueueDequeue(element, element);
    }

    public T[] ToDescending()
    {
        var kept = _kept.UnorderedItems.Select(static item => item.Element).ToArray();
        Array.Sort(kept, (x, y) => order(y, x));
        return kept;
    }
}
