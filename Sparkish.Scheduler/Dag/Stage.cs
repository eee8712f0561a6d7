using Sparkish.Compute;
using Sparkish.Shuffle;

namespace Sparkish.Dag;

/// <summary>A part of a job without a shuffle inside: one task per partition. Owned by <see cref="DagState"/>.</summary>
internal abstract class Stage(int id, Lineage rdd, int firstJobId)
{
    public int Id { get; } = id;

    public Lineage Rdd { get; } = rdd;

    public int FirstJobId { get; } = firstJobId;

    public StagePhase Phase { get; set; } = StagePhase.Idle;

    /// <summary>Counts the times that the stage was submitted.</summary>
    public int Attempts { get; private set; }

    /// <summary>The number of the last submission among those of all stages.</summary>
    public int Submission { get; private set; } = -1;

    /// <summary>Number of attempts whose input could not be fetched, since the last successful one.</summary>
    public HashSet<int> FetchFailedAttempts { get; } = [];

    /// <summary>The unfinished partitions of the current attempt.</summary>
    public HashSet<int> Pending { get; } = [];

    public abstract TaskOperation Operation { get; }

    /// <summary>The partitions without a result.</summary>
    public abstract IEnumerable<int> MissingPartitions { get; }

    /// <summary>Whether an event belongs to the last attempt, whose tasks may still change something.</summary>
    public bool IsCurrent(int attempt) => Phase != StagePhase.Idle && attempt == Attempts - 1;

    /// <summary>Begins an attempt; returns its number.</summary>
    public int Begin(int submission)
    {
        Submission = submission;
        return Attempts++;
    }
}

internal enum StagePhase
{
    /// <summary>No job needs it, or it is done.</summary>
    Idle,

    /// <summary>The stage waits for its parents.</summary>
    Waiting,

    /// <summary>Its tasks are with the task scheduler.</summary>
    Running,

    /// <summary>Its input was lost; it will be submitted again.</summary>
    Failed,
}

/// <summary>The last stage of a job.</summary>
internal sealed class ResultStage(int id, ActiveJob job) : Stage(id, job.FinalRdd, job.JobId)
{
    public ActiveJob Job { get; } = job;

    public override TaskOperation Operation => Job.Operation;

    public override IEnumerable<int> MissingPartitions => Job.Missing;
}

/// <summary>Writes the map outputs of a shuffle; later jobs use them again.</summary>
/// <param name="id">Its number.</param>
/// <param name="dependency">The shuffle.</param>
/// <param name="firstJobId">The job that it is created for.</param>
/// <param name="outputs">The existing outputs of an earlier job.</param>
internal sealed class ShuffleMapStage(int id, ShuffleDependency dependency, int firstJobId, MapStatus?[]? outputs = null)
    : Stage(id, dependency.Parent, firstJobId)
{
    private readonly MapStatus?[] _outputs = outputs ?? new MapStatus?[dependency.Parent.Partitions.Length];

    public int ShuffleId { get; } = dependency.ShuffleId;

    public override TaskOperation Operation { get; } = dependency.MapOperation;

    public bool IsAvailable => Array.TrueForAll(_outputs, static output => output is not null);

    public override IEnumerable<int> MissingPartitions => Enumerable.Range(0, _outputs.Length).Where(partition => _outputs[partition] is null);

    /// <summary>An immutable copy for others.</summary>
    public MapStatus?[] Outputs => [.. _outputs];

    /// <summary>Records the first output of a partition. A second one is ignored: executors may already know the first.</summary>
    public void AddOutput(int partition, MapStatus status) => _outputs[partition] ??= status;

    /// <summary>Forgets outputs.</summary>
    public void RemoveOutputs(Func<int, MapStatus, bool> isLost)
    {
        for (var i = 0; i < _outputs.Length; i++)
        {
            if (_outputs[i] is { } output && isLost(i, output)) _outputs[i] = null;
        }
    }
}
