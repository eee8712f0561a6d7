using Sparkish.Compute;

namespace Sparkish;

/// <summary>The context of a running task. One task, one thread; only <see cref="IsInterrupted"/> changes from another thread.</summary>
public sealed class TaskContext
{
    [ThreadStatic]
    private static TaskContext? _current;

    private volatile string? _killReason;

    internal TaskContext(TaskDescription task, SparkEnv env)
    {
        Description = task;
        Env = env;
    }

    /// <summary>The context of the task that runs on this thread; null outside of tasks, as on the driver.</summary>
    public static TaskContext? Current
    {
        get => _current;
        internal set => _current = value;
    }

    /// <summary>The stage.</summary>
    public int StageId => Description.StageId;

    /// <summary>The partition that the task computes.</summary>
    public int PartitionId => Description.PartitionId;

    /// <summary>Number of earlier attempts of this partition in this attempt of the stage.</summary>
    public int AttemptNumber => Description.AttemptNumber;

    /// <summary>Numbers all task attempts of an application.</summary>
    public long TaskAttemptId => Description.TaskId;

    /// <summary>Whether the task was asked to stop; a long function may check it and return early.</summary>
    public bool IsInterrupted => _killReason is not null;

    /// <summary>
    /// The addresses of the custom resources that the task may use, by the names of the resources, such as <c>gpu</c>. Tasks that run at the same time have
    /// different ones with <c>spark.task.resource.NAME.amount</c>, and otherwise share those of their executor.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Resources { get; internal set; } = NoResources;

    internal static IReadOnlyDictionary<string, IReadOnlyList<string>> NoResources { get; } =
        new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal).AsReadOnly();

    internal TaskDescription Description { get; }

    internal SparkEnv Env { get; }

    internal void Kill(string reason) => _killReason ??= reason;

    internal void ThrowIfKilled()
    {
        if (_killReason is { } reason) throw new TaskKilledException(reason);
    }
}
