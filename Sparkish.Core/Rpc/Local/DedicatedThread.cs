using System.Collections.Concurrent;

namespace Sparkish.Rpc.Local;

/// <summary>One thread for the turns of one endpoint.</summary>
#pragma warning disable CA1001 // the thread itself disposes the queue at its end
internal sealed class DedicatedThread : TurnScheduler
#pragma warning restore CA1001
{
    private readonly BlockingCollection<IThreadPoolWorkItem> _work = new(new ConcurrentQueue<IThreadPoolWorkItem>());

    public DedicatedThread(string name) => new Thread(Run) { Name = $"dispatcher-{name}", IsBackground = true }.UnsafeStart();

    public override int MessagesPerTurn => 1024;

    public override TaskCreationOptions Completions => TaskCreationOptions.RunContinuationsAsynchronously;

    public override void Schedule(IThreadPoolWorkItem work, bool preferLocal)
    {
        try
        {
            _work.Add(work);
        }
        catch (InvalidOperationException)
        {
            // The endpoint has stopped: what raced with that is refused on the pool.
            ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal);
        }
    }

    public override void Release() => _work.CompleteAdding();

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable()) work.Execute();
        _work.Dispose();
    }
}
