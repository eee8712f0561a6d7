using System.Diagnostics;

namespace Sparkish.Rpc.Local;

/// <summary>
/// Work that arises while one piece of network input is read: turns of inboxes, continuations of asks. Waking a thread for each would cost more than the work,
/// and would send every small reply separately. So the reading thread collects the work for a moment and then runs it as one item, or lets the pool run it.
/// </summary>
internal sealed class WorkBatch : IThreadPoolWorkItem
{
    private const int MaxItems = 256;
    private static readonly long MaxTicks = Stopwatch.Frequency / 20_000; // 50 µs

    [ThreadStatic]
    private static WorkBatch? _gathering;

    [ThreadStatic]
    private static WorkBatch? _spare; // a batch that was never queued to the pool

    private IThreadPoolWorkItem[] _items = new IThreadPoolWorkItem[8];
    private readonly Successor _successor;
    private long _since;
    private int _count;
    private int _next;
    private int _succeeded;

    private WorkBatch() => _successor = new Successor(this);

    /// <summary>Starts to collect the work that this thread schedules.</summary>
    public static void Begin()
    {
        _gathering = _spare ?? new WorkBatch();
        _spare = null;
    }

    /// <summary>Starts to gather unless this thread gathers already.</summary>
    public static bool TryBegin()
    {
        if (_gathering is not null) return false;
        Begin();
        return true;
    }

    /// <summary>Passes the collected work to other threads, since this one is about to block, and stops collecting.</summary>
    public static void Share()
    {
        if (_gathering is not { } batch) return;
        _gathering = null;
        for (var i = 0; i < batch._count; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(batch._items[i], preferLocal: false);
            batch._items[i] = null!;
        }

        batch._count = 0;
        _spare = batch;
    }

    /// <summary>Queues the collected work to the pool, and stops collecting.</summary>
    public static void End() => Queue(Take());

    /// <summary>Stops collecting, and passes the collected work to the caller, who must queue or run it; null if there is none.</summary>
    public static WorkBatch? Take()
    {
        if (_gathering is not { } batch) return null;
        _gathering = null;
        if (batch._count > 0) return batch;
        _spare = batch;
        return null;
    }

    /// <summary>Queues work that was taken to the pool.</summary>
    public static void Queue(WorkBatch? work)
    {
        if (work is not null) ThreadPool.UnsafeQueueUserWorkItem(work._count > 1 ? work : work.Only(), preferLocal: true);
    }

    /// <summary>Runs work that was taken, on this thread.</summary>
    public static void Run(WorkBatch work)
    {
        if (work._count > 1) work.Execute();
        else work.Only().Execute();
    }

    /// <summary>Queues the collected work now, since the thread's next step is slow.</summary>
    public static void Cut()
    {
        End();
        Begin();
    }

    /// <summary>Adds a work item if this thread collects.</summary>
    public static bool TryAdd(IThreadPoolWorkItem work)
    {
        if (_gathering is not { } batch) return false;
        if (batch._count == 0) batch._since = Stopwatch.GetTimestamp();
        if (batch._count == batch._items.Length) Array.Resize(ref batch._items, MaxItems);
        batch._items[batch._count++] = work;
        if (batch._count < MaxItems && ((batch._count & 15) != 0 || Stopwatch.GetTimestamp() - batch._since < MaxTicks)) return true;
        Cut();
        return true;
    }

    /// <summary>
    /// Runs the items in order. If an item blocks, the later ones do not wait for its thread: another work item in the pool's queue continues with them.
    /// </summary>
    public void Execute()
    {
        int index;
        while ((index = Interlocked.Increment(ref _next) - 1) < _count)
        {
            if (index + 1 < _count && Interlocked.Exchange(ref _succeeded, 1) == 0) ThreadPool.UnsafeQueueUserWorkItem(_successor, preferLocal: true);
            _items[index].Execute();
        }
    }

    /// <summary>The only item; the batch itself is not used for it, and may be reused.</summary>
    private IThreadPoolWorkItem Only()
    {
        var item = _items[0];
        _items[0] = null!;
        _count = 0;
        _spare = this;
        return item;
    }

    private sealed class Successor(WorkBatch batch) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            Volatile.Write(ref batch._succeeded, 0);
            batch.Execute();
        }
    }
}
