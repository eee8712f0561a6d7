namespace Sparkish.Deploy.Master;

/// <summary>The order in which workers are considered for executors; <c>spark.deploy.workerSelectionPolicy</c>.</summary>
internal enum WorkerSelectionPolicy
{
    CoresFreeDesc,
    CoresFreeAsc,
    MemoryFreeDesc,
    MemoryFreeAsc,
    WorkerId,
}

internal static class WorkerSelectionPolicies
{
    /// <summary>The names in settings, as Spark has them.</summary>
    public static IReadOnlyDictionary<string, WorkerSelectionPolicy> Names { get; } =
        new Dictionary<string, WorkerSelectionPolicy>(StringComparer.OrdinalIgnoreCase)
        {
            ["CORES_FREE_DESC"] = WorkerSelectionPolicy.CoresFreeDesc,
            ["CORES_FREE_ASC"] = WorkerSelectionPolicy.CoresFreeAsc,
            ["MEMORY_FREE_DESC"] = WorkerSelectionPolicy.MemoryFreeDesc,
            ["MEMORY_FREE_ASC"] = WorkerSelectionPolicy.MemoryFreeAsc,
            ["WORKER_ID"] = WorkerSelectionPolicy.WorkerId,
        };

    /// <summary>Spark sorts by a number, then by id. For a descending order it reverses that: equal workers come in descending order of their ids.</summary>
    public static Comparison<FreeWorker> Comparison(this WorkerSelectionPolicy policy) => policy switch
    {
        WorkerSelectionPolicy.CoresFreeDesc => static (a, b) => ByCores(b, a),
        WorkerSelectionPolicy.CoresFreeAsc => ByCores,
        WorkerSelectionPolicy.MemoryFreeDesc => static (a, b) => ByMemory(b, a),
        WorkerSelectionPolicy.MemoryFreeAsc => ByMemory,
        _ => ById,
    };

    private static int ByCores(FreeWorker a, FreeWorker b) => a.Cores != b.Cores ? a.Cores.CompareTo(b.Cores) : ById(a, b);

    private static int ByMemory(FreeWorker a, FreeWorker b) => a.MemoryMiB != b.MemoryMiB ? a.MemoryMiB.CompareTo(b.MemoryMiB) : ById(a, b);

    private static int ById(FreeWorker a, FreeWorker b) => string.CompareOrdinal(a.Id.Value, b.Id.Value);
}
