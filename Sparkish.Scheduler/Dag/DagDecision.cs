using Sparkish.Compute;
using Sparkish.Shuffle;

namespace Sparkish.Dag;

/// <summary>One consequence of an event, in the order in which <see cref="DagScheduler"/> has to act.</summary>
internal abstract record DagDecision;

/// <summary>Run these partitions of a stage, under a new attempt.</summary>
internal sealed record SubmitStage(int StageId, int Attempt, int JobId, Lineage Rdd, TaskOperation Operation, int Epoch, IReadOnlyList<int> Partitions)
    : DagDecision;

/// <summary>Kill the tasks of a stage that no job needs any more.</summary>
internal sealed record CancelStage(int StageId, string Reason) : DagDecision;

/// <summary>Publish the locations of a shuffle's outputs to executors.</summary>
internal sealed record PublishMapOutputs(int ShuffleId, int Epoch, MapStatus?[] Outputs) : DagDecision;

/// <summary>Report <see cref="DagState.ResubmitFailedStages"/> in a moment.</summary>
internal sealed record ScheduleResubmission : DagDecision;

/// <summary>A stage has all its results.</summary>
internal sealed record StageFinished(int StageId, int Attempt) : DagDecision;

/// <summary>Outputs of a stage were lost while it ran; the missing partitions are submitted again.</summary>
internal sealed record StageIncomplete(int StageId) : DagDecision;

/// <summary>A stage is aborted, and all jobs that need it fail.</summary>
internal sealed record StageAborted(int StageId, string Reason) : DagDecision;

/// <summary>A partition that a job asked for is computed.</summary>
internal sealed record PartitionComputed(int JobId, int Position, byte[] Result) : DagDecision;

/// <summary>A job has ended; without an error it has succeeded.</summary>
internal sealed record JobEnded(int JobId, SparkException? Error) : DagDecision;
