namespace Sparkish;

/// <summary>
/// The one place where a thread waits for the engine: callers, since actions and the context's constructor are synchronous as Spark's are, and task
/// slots, which are threads of their own that exist to block. The engine never needs such a thread or its synchronization context to go on. It may need
/// the pool: so a pool thread that waits makes the pool larger by one for as long as it does, as otherwise the work that it waits for could stand behind
/// others like it, and the pool by itself grows by a thread or two a second.
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
            if (minimum != _lastMinimum) _added = 0; // somebody else has set it: what is added starts from there
            if (!ThreadPool.SetMinThreads(minimum + 1, completionPorts)) return; // the pool is as large as it may be
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
