using Microsoft.Extensions.Logging;
using Sparkish.Compute;
using Sparkish.Configuration;
using Sparkish.Events;
using Sparkish.Rpc;

namespace Sparkish.Tasks;

/// <summary>
/// Owns the <see cref="TaskScheduler"/> of an application and converts its decisions to messages; a backend defines how a task reaches its executor.
/// </summary>
internal abstract class TaskSchedulerEndpoint(SparkConf conf, RpcEndpointRef dagScheduler, ListenerBus listeners, Random random, ILogger log) : RpcEndpoint
{
    private readonly TimeSpan _starvationTimeout = conf.Get(SchedulerKeys.StarvationTimeout);
    private bool _watchesStarvation;
    private long _launchedBefore;

    protected TaskScheduler Scheduler { get; } =
        new(new TaskSchedulerOptions(conf.Get(SchedulerKeys.TaskMaxFailures), conf.Get(SchedulerKeys.MaxResultSize)), random);

    public override void Receive(object message)
    {
        switch (message)
        {
            case SubmitTasks m: OnSubmitTasks(m); break;
            case CancelTasks m: OnCancelTasks(m); break;
            case StarvationCheck: OnStarvationCheck(); break;
            default: base.Receive(message); break;
        }
    }

    /// <summary>Sends a task to its executor.</summary>
    protected abstract void Launch(TaskAttempt attempt);

    /// <summary>Asks an executor to kill a task.</summary>
    protected abstract void Kill(TaskAttempt attempt, string reason);

    /// <summary>Notifies executors that no further task of a stage attempt follows.</summary>
    protected abstract void Forget(TaskBinary binary);

    protected void AddExecutor(string executorId, int cores)
    {
        Scheduler.AddExecutor(executorId, cores);
        LaunchAll();
    }

    protected void RemoveExecutor(string executorId, string message, bool exitCausedByApp)
    {
        if (!Scheduler.Contains(executorId)) return;
        var ends = Scheduler.RemoveExecutor(executorId, exitCausedByApp, message);

        // First the loss: a stage that is retried because of these tasks must not rely on outputs there.
        dagScheduler.Send(new ExecutorLost(executorId, message));
        foreach (var end in ends) Report(end);
        LaunchAll();
        WatchStarvation();
    }

    protected void EndTask(long taskId, TaskEndReason reason)
    {
        if (Scheduler.End(taskId, reason) is { } end) Report(end);
        LaunchAll();
    }

    private void OnSubmitTasks(SubmitTasks message)
    {
        Scheduler.Submit(message.TaskSet);
        LaunchAll();
        WatchStarvation();
    }

    private void OnStarvationCheck()
    {
        _watchesStarvation = false;

        // Between two tasks nothing runs for a moment: only a pause without any launch is worth a warning.
        if (Scheduler.IsStarving && Scheduler.Launched == _launchedBefore) log.Starving(Scheduler.TotalCores);
        WatchStarvation();
    }

    /// <summary>A job without executors waits for them, since they may register later; a warning reports that.</summary>
    private void WatchStarvation()
    {
        if (_watchesStarvation || !Scheduler.IsStarving) return;
        _watchesStarvation = true;
        _launchedBefore = Scheduler.Launched;
        Env.ScheduleOnce(_starvationTimeout, Self, new StarvationCheck());
    }

    private void OnCancelTasks(CancelTasks message)
    {
        var (running, finished) = Scheduler.Cancel(message.StageId);
        foreach (var attempt in running) Kill(attempt, message.Reason);
        foreach (var taskSet in finished) Forget(taskSet.Binary);
    }

    private void LaunchAll()
    {
        foreach (var attempt in Scheduler.Offer())
        {
            listeners.Post(
                new SparkListenerTaskStart(attempt.Description.StageId, attempt.Description.StageAttempt, attempt.Description.TaskId, attempt.ExecutorId));
            Launch(attempt);
        }
    }

    private void Report(TaskEnd end)
    {
        var task = end.Attempt.Description;
        listeners.Post(new SparkListenerTaskEnd(task.StageId, task.StageAttempt, task.TaskId, end.Attempt.ExecutorId, end.Reason is TaskSucceeded));
        dagScheduler.Send(new TaskEnded(task, end.Attempt.ExecutorId, end.Reason));
        if (end.Abort is { } abort) dagScheduler.Send(new TaskSetFailed(task.StageId, task.StageAttempt, abort, end.Reason as ExceptionFailure));
        if (end.TaskSetFinished) Forget(end.Attempt.Manager.TaskSet.Binary);
    }

    private sealed record StarvationCheck;
}
