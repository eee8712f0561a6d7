namespace Sparkish.Compute;

/// <summary>The information with which an executor runs a task, besides the stage's operation, which it receives once.</summary>
/// <param name="TaskId">Numbers all task attempts of the application.</param>
/// <param name="StageId">The stage.</param>
/// <param name="StageAttempt">The attempt of the stage.</param>
/// <param name="PartitionId">The partition of the stage's RDD.</param>
/// <param name="AttemptNumber">Number of earlier attempts of this partition in this attempt of the stage.</param>
/// <param name="MapOutputEpoch">Map outputs that an executor learned of in an earlier epoch are stale for this task.</param>
/// <param name="BinaryId">The operation, see <see cref="TaskBinary"/>.</param>
/// <param name="Partition">The serialized <see cref="Partition"/>.</param>
internal sealed record TaskDescription(
    long TaskId, int StageId, int StageAttempt, int PartitionId, int AttemptNumber, int MapOutputEpoch, long BinaryId, byte[] Partition)
{
    /// <summary>Spark's name for a task, for logs and errors.</summary>
    public string Name => $"task {PartitionId}.{AttemptNumber} in stage {StageId}.{StageAttempt} (TID {TaskId})";
}

/// <summary>The serialized <see cref="TaskOperation"/> of a stage attempt.</summary>
internal sealed record TaskBinary(long Id, byte[] Operation);
