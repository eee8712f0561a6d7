using Sparkish.Compute;

namespace Sparkish.Tasks;

/// <summary>A message to the endpoint that schedules tasks; never leaves the driver.</summary>
internal interface IToTaskScheduler;

/// <summary>A message from the endpoint that schedules tasks to the DagScheduler; never leaves the driver.</summary>
internal interface IToDagScheduler;

// DagScheduler to task scheduler

/// <summary>
/// Sent when a stage attempt can run; each task is answered by <see cref="TaskEnded"/> until it succeeds, or the set by <see cref="TaskSetFailed"/>.
/// </summary>
internal sealed record SubmitTasks(TaskSet TaskSet) : IToTaskScheduler;

/// <summary>Sent when a stage is not needed any more; its running tasks are killed.</summary>
internal sealed record CancelTasks(int StageId, string Reason) : IToTaskScheduler;

// Task scheduler to DagScheduler

/// <summary>Sent for each end of a task attempt, regardless of its outcome; the sender retries failed attempts.</summary>
internal sealed record TaskEnded(TaskDescription Task, string ExecutorId, TaskEndReason Reason) : IToDagScheduler;

/// <summary>Sent when a task set was aborted; the last failure, if a task's, is in <paramref name="LastFailure"/>.</summary>
internal sealed record TaskSetFailed(int StageId, int StageAttempt, string Message, ExceptionFailure? LastFailure) : IToDagScheduler;

/// <summary>Sent when an executor is gone, and its map outputs with it.</summary>
internal sealed record ExecutorLost(string ExecutorId, string Message) : IToDagScheduler;
