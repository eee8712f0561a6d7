#pragma warning disable MA0048 // the events of one bus
namespace Sparkish.Events;

/// <summary>Something that happened in an application.</summary>
internal abstract record SparkListenerEvent;

internal sealed record SparkListenerJobEnd(int JobId, bool Succeeded) : SparkListenerEvent;

internal sealed record SparkListenerStageSubmitted(int StageId, int Attempt, string Name, int NumTasks) : SparkListenerEvent;

internal sealed record SparkListenerStageCompleted(int StageId, int Attempt) : SparkListenerEvent;

internal sealed record SparkListenerTaskStart(int StageId, int StageAttempt, long TaskId, string ExecutorId) : SparkListenerEvent;

internal sealed record SparkListenerTaskEnd(int StageId, int StageAttempt, long TaskId, string ExecutorId, bool Succeeded) : SparkListenerEvent;
