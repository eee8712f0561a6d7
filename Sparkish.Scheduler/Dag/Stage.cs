#pragma warning disable MA0048 // the two kinds of stage and their phases
using Sparkish.Shuffle;
using Sparkish.Tasks;

namespace Sparkish.Dag;

/// <summary>A part of a job without a shuffle inside: one task per partition. Owned by the DagScheduler.</summary>
internal abstract class Stage(int id, Rdd rdd, int firstJobId)
{
    public int Id { get; } = id;

    public Rdd Rdd { get; } = rdd;

    public int FirstJobId { get; } = firstJobId;

    public StagePhase Phase { get; set; } = StagePhase.Idle;

    /// <summary>Counts the times that the stage was submitted.</summary>
    public int Attempts { get; set; }

    /// <summary>The attempts whose input could not be fetched, since the last one that went through.</summary>
    public HashSet<int> FetchFailedAttempts { get; } = [];

    /// <summary>What the current attempt has still to finish.</summary>
    public HashSet<int> Pending { get; } = [];

    public abstract TaskOperation Operation { get; }

    /// <summary>The partitions without a result.</summary>
    public abstract IEnumerable<int> MissingPartitions { get; }
}

internal enum StagePhase
{
    /// <summary>Nobody has asked for it, or it is done.</summary>
    Idle,

    /// <summary>It waits for its parents.</summary>
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
internal sealed class ShuffleMapStage(int id, ShuffleDependency dependency, int firstJobId) : Stage(id, dependency.Parent, firstJobId)
{
    private readonly MapStatus?[] _outputs = new MapStatus?[dependency.Parent.Partitions.Length];

    public int ShuffleId { get; } = dependency.ShuffleId;

    public override TaskOperation Operation { get; } = dependency.MapOperation;

    public bool IsAvailable => Array.TrueForAll(_outputs, static output => output is not null);

    public override IEnumerable<int> MissingPartitions => Enumerable.Range(0, _outputs.Length).Where(partition => _outputs[partition] is null);

    /// <summary>A copy that others may keep.</summary>
    public MapStatus?[] Outputs => [.. _outputs];

    /// <summary>Takes the first output of a partition. A second one, of a straggler, is not looked at: executors may know the first one already.</summary>
    public void AddOutput(int partition, MapStatus status) => _outputs[partition] ??= status;

    /// <summary>Forgets outputs; returns whether there were any.</summary>
    public bool RemoveOutputs(Func<int, MapStatus, bool> isLost)
    {
        var removed = false;
        for (var i = 0; i < _outputs.Length; i++)
        {
            if (_outputs[i] is not { } output || !isLost(i, output)) continue;
            _outputs[i] = null;
            removed = true;
        }

        return removed;
    }
}
