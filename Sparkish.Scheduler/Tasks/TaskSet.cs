using Sparkish.Compute;

namespace Sparkish.Tasks;

/// <summary>The tasks of one stage attempt, submitted together to the task scheduler.</summary>
internal sealed record TaskSet(int StageId, int StageAttempt, int JobId, TaskBinary Binary, int MapOutputEpoch, IReadOnlyList<PartitionTask> Tasks)
{
    /// <summary>Spark's name for a task set, for logs.</summary>
    public string Name => $"TaskSet_{StageId}.{StageAttempt}";
}

/// <summary>One partition to compute.</summary>
/// <param name="PartitionId">Its position in the stage's RDD.</param>
/// <param name="Partition">The serialized <see cref="Sparkish.Compute.Partition"/>.</param>
internal sealed record PartitionTask(int PartitionId, byte[] Partition);
