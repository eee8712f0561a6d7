namespace Sparkish.Deploy.Master;

/// <summary>
/// The workers with room, in the order in which they are considered. Changing one costs the logarithm of their number, so that a master sorts them once and
/// then follows the changes.
/// </summary>
internal sealed class FreeWorkers
{
    private readonly WorkerSelectionPolicy _policy;
    private readonly Dictionary<WorkerId, FreeWorker> _known = [];
    private readonly SortedSet<FreeWorker> _inOrder;

    public FreeWorkers(WorkerSelectionPolicy policy, IEnumerable<FreeWorker> workers)
    {
        _policy = policy;
        foreach (var worker in workers.Where(HasRoom)) _known[worker.Id] = worker;
        _inOrder = new SortedSet<FreeWorker>(_known.Values, Comparer<FreeWorker>.Create(policy.Comparison()));
    }

    public bool IsEmpty => _inOrder.Count == 0;

    /// <summary>Replaces what is known of a worker.</summary>
    public void Set(FreeWorker worker)
    {
        Remove(worker.Id);
        if (!HasRoom(worker)) return;
        _known[worker.Id] = worker;
        _inOrder.Add(worker);
    }

    public void Remove(WorkerId worker)
    {
        if (_known.Remove(worker, out var before)) _inOrder.Remove(before);
    }

    /// <summary>The workers that may have this much, in order. Do not change them meanwhile.</summary>
    public IEnumerable<FreeWorker> With(int cores, int memoryMiB)
    {
        foreach (var worker in _inOrder)
        {
            if (worker.Cores >= cores && worker.MemoryMiB >= memoryMiB) yield return worker;
            else if (NoneFollows(worker, cores, memoryMiB)) yield break;
        }
    }

    private bool NoneFollows(FreeWorker worker, int cores, int memoryMiB) => _policy switch
    {
        WorkerSelectionPolicy.CoresFreeDesc => worker.Cores < cores,
        WorkerSelectionPolicy.MemoryFreeDesc => worker.MemoryMiB < memoryMiB,
        _ => false,
    };

    private static bool HasRoom(FreeWorker worker) => worker is { Cores: > 0, MemoryMiB: > 0 };
}
