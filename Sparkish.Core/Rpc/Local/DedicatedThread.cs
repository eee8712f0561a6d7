using System.Collections.Concurrent;

namespace Sparkish.Rpc.Local;

/// <summary>One thread for the turns of one endpoint and for its timers.</summary>
#pragma warning disable CA1001 // the thread itself disposes the queue when it ends
internal sealed class DedicatedThread : TurnScheduler
#pragma warning restore CA1001
{
    [ThreadStatic]
    private static bool _isCurrent;

    private readonly BlockingCollection<IThreadPoolWorkItem> _work = new(new ConcurrentQueue<IThreadPoolWorkItem>());
    private readonly ThreadTimers _timers;

    public DedicatedThread(string name)
    {
        _timers = new ThreadTimers(() => Schedule(Nothing.Instance, preferLocal: false));
        new Thread(Run) { Name = $"dispatcher-{name}", IsBackground = true }.UnsafeStart();
    }

    /// <summary>Whether the calling thread is a dedicated thread.</summary>
    public static bool IsCurrent => _isCurrent;

    public override int MessagesPerTurn => 1024;

    public override TaskCreationOptions Completions => TaskCreationOptions.RunContinuationsAsynchronously;

    public override TimeProvider TimersOf(TimeProvider time) => time == TimeProvider.System ? _timers : time;

    public override void Schedule(IThreadPoolWorkItem work, bool preferLocal)
    {
        try
        {
            _work.Add(work);
        }
        catch (InvalidOperationException)
        {
            // The endpoint has stopped: work that raced with the stop runs on the pool.
            ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal);
        }
    }

    public override void Release() => _work.CompleteAdding();

    private void Run()
    {
        _isCurrent = true;
        while (!_work.IsCompleted)
        {
            if (_work.TryTake(out var work, _timers.Fire())) work.Execute();
        }

        _work.Dispose();
    }

    /// <summary>Only wakes the thread.</summary>
    private sealed class Nothing : IThreadPoolWorkItem
    {
        public static readonly Nothing Instance = new();

        public void Execute() { }
    }
}
