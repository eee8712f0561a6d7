using System.Collections.Concurrent;

namespace Sparkish.Rpc.Local;

/// <summary>One thread for the turns of one endpoint.</summary>
internal sealed class DedicatedThread : TurnScheduler
{
    private readonly BlockingCollection<IThreadPoolWorkItem> _work = new(new ConcurrentQueue<IThreadPoolWorkItem>());

    public DedicatedThread(string name) => new Thread(Run) { Name = $"dispatcher-{name}", IsBackground = true }.UnsafeStart();

    public override int MessagesPerTurn => 1024;

    public override void Schedule(IThreadPoolWorkItem work, bool preferLocal) => _work.Add(work);

    public override void Release() => _work.CompleteAdding();

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable()) work.Execute();
        _work.Dispose();
    }
}
