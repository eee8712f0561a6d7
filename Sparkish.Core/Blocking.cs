namespace Sparkish;

/// <summary>
/// The only place where a thread waits for the engine. Waiting threads are callers, since actions and the context's constructor are synchronous as in Spark,
/// and task slots, which are separate threads that may block. The engine never depends on such a thread or its synchronization context, but it may depend on
/// the pool. So a waiting pool thread enlarges the pool by one meanwhile. Otherwise the awaited work could be queued behind blocked threads, and the pool
/// itself grows only by a thread or two per second.
/// </summary>
internal static class Blocking
{
    private static readonly Lock PoolLock = new();
    private static int _added;
    private static int _lastMinimum;

#pragma warning disable VSTHRD002 // see above
    public static T Wait<T>(Task<T> task)
    {
        Wait((Task)task);
        return task.GetAwaiter().GetResult();
    }

    public static void Wait(Task task)
    {
        if (task.IsCompleted || !Thread.CurrentThread.IsThreadPoolThread)
        {
            task.GetAwaiter().GetResult();
            return;
        }

        AddThread();
        try
        {
            task.GetAwaiter().GetResult();
        }
        finally
        {
            RemoveThread();
        }
    }
#pragma warning restore VSTHRD002

    private static void AddThread()
    {
        lock (PoolLock)
        {
            ThreadPool.GetMinThreads(out var minimum, out var completionPorts);
            if (minimum != _lastMinimum) _added = 0; // other code has set it: the increment starts from there
            if (!ThreadPool.SetMinThreads(minimum + 1, completionPorts)) return; // the pool is at its maximum
            _added++;
            _lastMinimum = minimum + 1;
        }
    }

    private static void RemoveThread()
    {
        lock (PoolLock)
        {
            ThreadPool.GetMinThreads(out var minimum, out var completionPorts);
            if (minimum != _lastMinimum) _added = 0;
            if (_added == 0) return;
            ThreadPool.SetMinThreads(minimum - 1, completionPorts);
            _added--;
            _lastMinimum = minimum - 1;
        }
    }
}
