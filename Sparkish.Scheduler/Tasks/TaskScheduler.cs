namespace Sparkish.Tasks;

/// <summary>
/// Assigns the cores of executors to waiting tasks: jobs in order, executors in turn. Plain state without clock or messages: an endpoint owns it, passes it the
/// events and carries out its decisions.
/// </summary>
internal sealed class TaskScheduler(TaskSchedulerOptions options, Random random)
{
    private readonly SortedDictionary<(int JobId, int StageId, int Attempt), TaskSetManager> _taskSets = [];
    private readonly Dictionary<long, TaskAttempt> _running = [];
    private readonly Dictionary<string, ExecutorSlots> _executors = new(StringComparer.Ordinal);
    private long _nextTaskId;

    public int TotalCores => _executors.Values.Sum(static executor => executor.TotalCores);

    /// <summary>Whether tasks wait and none runs.</summary>
    public bool IsStarving => _running.Count == 0 && _taskSets.Values.Any(static taskSet => taskSet.HasPending);

    /// <summary>Number of attempts launched so far.</summary>
    public long Launched => _nextTaskId;

    public bool Contains(string executorId) => _executors.ContainsKey(executorId);

    public void AddExecutor(string executorId, int cores) => _executors.Add(executorId, new ExecutorSlots(executorId, cores));

    public void Submit(TaskSet taskSet)
    {
        foreach (var earlier in _taskSets.Values.Where(earlier => earlier.TaskSet.StageId == taskSet.StageId)) earlier.MakeZombie();
        _taskSets.Add((taskSet.JobId, taskSet.StageId, taskSet.StageAttempt), new TaskSetManager(taskSet, options));
    }

    /// <summary>Fills free cores with waiting tasks, one task per executor in turn; the order of executors is shuffled each time.</summary>
    public IReadOnlyList<TaskAttempt> Offer()
    {
        var launched = new List<TaskAttempt>();
        var free = _executors.Values.Where(static executor => executor.FreeCores > 0 && !executor.IsDisabled).ToArray();
        if (free.Length > 1) random.Shuffle(free);
        foreach (var taskSet in _taskSets.Values)
        {
            for (var placed = true; placed && taskSet.HasPending;)
            {
                placed = false;
                foreach (var executor in free)
                {
                    if (executor.FreeCores == 0 || !taskSet.HasPending) continue;
                    launched.Add(Launch(taskSet, executor));
                    placed = true;
                }
            }
        }

        return launched;
    }

    /// <summary>Returns the executor that runs a task; null if none does.</summary>
    public string? ExecutorOf(long taskId) => _running.GetValueOrDefault(taskId)?.ExecutorId;

    /// <summary>Whether an executor runs no task.</summary>
    public bool IsIdle(string executorId) => _executors.TryGetValue(executorId, out var executor) && executor.FreeCores == executor.TotalCores;

    /// <summary>Records the end of a task. Returns null for an unknown task, for example of a lost executor.</summary>
    public TaskEnd? End(long taskId, TaskEndReason reason)
    {
        if (!_running.Remove(taskId, out var attempt)) return null;
        if (_executors.TryGetValue(attempt.ExecutorId, out var executor)) executor.FreeCores++;
        var abort = attempt.Manager.HandleEnd(attempt, reason);
        var taskSet = attempt.Manager.TaskSet;
        if (attempt.Manager.IsFinished) _taskSets.Remove((taskSet.JobId, taskSet.StageId, taskSet.StageAttempt));
        return new TaskEnd(attempt, reason, abort, attempt.Manager.IsFinished);
    }

    /// <summary>Stops assigning tasks to an executor; its running tasks may still end.</summary>
    public void Disable(string executorId)
    {
        if (_executors.TryGetValue(executorId, out var executor)) executor.IsDisabled = true;
    }

    /// <summary>Removes an executor; all its tasks end with it.</summary>
    public IReadOnlyList<TaskEnd> RemoveExecutor(string executorId, bool exitCausedByApp, string message)
    {
        if (!_executors.Remove(executorId)) return [];
        var lost = _running.Values.Where(attempt => attempt.ExecutorId == executorId).ToArray();
        return [.. lost.Select(attempt => End(attempt.Description.TaskId, new ExecutorLostFailure(executorId, exitCausedByApp, message))!)];
    }

    /// <summary>Cancels a stage: none of its tasks is launched any more. Returns the running tasks, to be killed, and the sets without running tasks.</summary>
    public (IReadOnlyList<TaskAttempt> Running, IReadOnlyList<TaskSet> Finished) Cancel(int stageId)
    {
        var cancelled = _taskSets.Values.Where(taskSet => taskSet.TaskSet.StageId == stageId).ToArray();
        foreach (var taskSet in cancelled) taskSet.MakeZombie();
        var finished = cancelled.Where(static taskSet => taskSet.IsFinished).Select(static taskSet => taskSet.TaskSet).ToArray();
        foreach (var taskSet in finished) _taskSets.Remove((taskSet.JobId, taskSet.StageId, taskSet.StageAttempt));
        return ([.. _running.Values.Where(attempt => attempt.Description.StageId == stageId)], finished);
    }

    private TaskAttempt Launch(TaskSetManager taskSet, ExecutorSlots executor)
    {
        var attempt = taskSet.Dequeue(_nextTaskId++, executor.Id);
        executor.FreeCores--;
        _running.Add(attempt.Description.TaskId, attempt);
        return attempt;
    }

    private sealed class ExecutorSlots(string id, int cores)
    {
        public string Id { get; } = id;

        public int TotalCores { get; } = cores;

        public int FreeCores { get; set; } = cores;

        public bool IsDisabled { get; set; }
    }
}

/// <summary>The end of a task and its consequences.</summary>
/// <param name="Attempt">The task.</param>
/// <param name="Reason">The reason for the end.</param>
/// <param name="Abort">The reason why its whole task set is aborted; null if it is not.</param>
/// <param name="TaskSetFinished">Whether no task of its set runs or waits any more.</param>
internal sealed record TaskEnd(TaskAttempt Attempt, TaskEndReason Reason, string? Abort, bool TaskSetFinished);
