using Sparkish.Tasks;

namespace Sparkish.Dag;

// SparkContext to DagScheduler

/// <summary>Sent by the thread that runs an action; answered through <paramref name="Waiter"/>.</summary>
internal sealed record JobSubmitted(ActiveJob Job, JobWaiter Waiter) : IToDagScheduler;

/// <summary>Sent when the context stops or its cluster dropped it: all jobs fail, and later ones at once.</summary>
internal sealed record StopJobs(string Reason) : IToDagScheduler;

// DagScheduler to itself

/// <summary>Sent a moment after a fetch failed, so that failures of the same cause are handled together.</summary>
internal sealed record ResubmitFailedStages : IToDagScheduler;
