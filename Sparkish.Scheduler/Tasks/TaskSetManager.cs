using System.Globalization;
using Sparkish.Compute;

namespace Sparkish.Tasks;

/// <summary>
/// The progress of one task set: its waiting, running and completed tasks, and their failures. Plain state without clock or messages; owned by the task
/// scheduler.
/// </summary>
internal sealed class TaskSetManager
{
    private readonly Stack<int> _pending;
    private readonly bool[] _succeeded;
    private readonly int[] _failures;
    private readonly int[] _attempts;
    private readonly TaskSchedulerOptions _options;
    private int _succeededCount;
    private long _resultBytes;

    public TaskSetManager(TaskSet taskSet, TaskSchedulerOptions options)
    {
        TaskSet = taskSet;
        _options = options;
        var count = taskSet.Tasks.Count;
        _pending = new Stack<int>(Enumerable.Range(0, count).Reverse());
        _succeeded = new bool[count];
        _failures = new int[count];
        _attempts = new int[count];
    }

    public TaskSet TaskSet { get; }

    /// <summary>Launches nothing any more; running tasks may still succeed.</summary>
    public bool IsZombie { get; private set; }

    public int RunningCount { get; private set; }

    public bool HasPending => !IsZombie && _pending.Count > 0;

    public bool IsFinished => RunningCount == 0 && (IsZombie || _succeededCount == _succeeded.Length);

    /// <summary>Takes the next waiting task, the lowest index first.</summary>
    public TaskAttempt Dequeue(long taskId, string executorId)
    {
        var index = _pending.Pop();
        RunningCount++;
        var task = TaskSet.Tasks[index];
        var description = new TaskDescription(taskId, TaskSet.StageId, TaskSet.StageAttempt, task.PartitionId, _attempts[index]++,
            TaskSet.MapOutputEpoch, TaskSet.Binary.Id, task.Partition);
        return new TaskAttempt(this, index, executorId, description);
    }

    /// <summary>Records the end of an attempt. Returns the reason why the whole set must be aborted, or null.</summary>
    public string? HandleEnd(TaskAttempt attempt, TaskEndReason reason)
    {
        RunningCount--;
        switch (reason)
        {
            case TaskSucceeded success: return HandleSuccess(attempt.Index, success.Result.Length);
            case FetchFailed:
                // Its input must be recomputed first, so the DAG scheduler retries this stage as a whole.
                IsZombie = true;
                return null;
            default: return HandleFailure(attempt, reason);
        }
    }

    public void MakeZombie() => IsZombie = true;

    private string? HandleSuccess(int index, int resultBytes)
    {
        if (!_succeeded[index])
        {
            _succeeded[index] = true;
            _succeededCount++;
        }

        _resultBytes += resultBytes;
        if (_options.MaxResultSize == 0 || _resultBytes <= _options.MaxResultSize || IsZombie) return null;
        IsZombie = true;
        return string.Create(CultureInfo.InvariantCulture,
            $"Total size of serialized results of {_succeededCount} tasks ({_resultBytes} bytes) is bigger than spark.driver.maxResultSize ({_options.MaxResultSize} bytes): collect less, or raise it.");
    }

    private string? HandleFailure(TaskAttempt attempt, TaskEndReason reason)
    {
        if (IsZombie || _succeeded[attempt.Index]) return null;
        if (reason.CountsAsFailure && ++_failures[attempt.Index] >= _options.MaxFailures)
        {
            IsZombie = true;
            return string.Create(CultureInfo.InvariantCulture,
                $"Task {attempt.Description.PartitionId} in stage {TaskSet.StageId}.{TaskSet.StageAttempt} failed {_failures[attempt.Index]} times, most recent failure: Lost {attempt.Description.Name} (executor {attempt.ExecutorId}): {reason}");
        }

        _pending.Push(attempt.Index);
        return null;
    }
}

/// <summary>A task that runs, or ran, on an executor.</summary>
internal sealed class TaskAttempt(TaskSetManager manager, int index, string executorId, TaskDescription description)
{
    public TaskSetManager Manager { get; } = manager;

    /// <summary>The task's place in its set.</summary>
    public int Index { get; } = index;

    public string ExecutorId { get; } = executorId;

    public TaskDescription Description { get; } = description;
}

/// <summary>The limits of the task scheduler.</summary>
internal readonly record struct TaskSchedulerOptions(int MaxFailures, long MaxResultSize);
