namespace Sparkish.Tasks;

/// <summary>
/// Gives the cores of executors to waiting tasks: jobs in their order, executors in turn. Plain state without clock or messages: an endpoint owns it,
/// tells it what happened and carries out what it returns.
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

    /// <summary>How many attempts were launched so far.</summary>
    public long Launched => _nextTaskId;

    public bool Contains(string executorId) => _executors.ContainsKey(executorId);

    public void AddExecutor(string executorId, int cores) => _executors.Add(executorId, new ExecutorSlots(executorId, cores));

    public void Submit(TaskSet taskSet)
    {
        foreach (var earlier in _taskSets.Values.Where(earlier => earlier.TaskSet.StageId == taskSet.StageId)) earlier.MakeZombie();
        _taskSets.Add((taskSet.JobId, taskSet.StageId, taskSet.StageAttempt), new TaskSetManager(taskSet, options));
    }

    /// <summary>Fills free cores with waiting tasks, the executors in a random order that is new each time, one task for each in turn.</summary>
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

    /// <summary>The executor that runs a task; null if none does.</summary>
    public string? ExecutorOf(long taskId) => _running.GetValueOrDefault(taskId)?.ExecutorId;

    /// <summary>Notes how a task ended. Null for a task that is not known any more, as when its executor was given up before.</summary>
    public TaskEnd? End(long taskId, TaskEndReason reason)
    {
        if (!_running.Remove(taskId, out var attempt)) return null;
        if (_executors.TryGetValue(attempt.ExecutorId, out var executor)) executor.FreeCores++;
        var abort = attempt.Manager.HandleEnd(attempt, reason);
        var taskSet = attempt.Manager.TaskSet;
        if (attempt.Manager.IsFinished) _taskSets.Remove((taskSet.JobId, taskSet.StageId, taskSet.StageAttempt));
        return new TaskEnd(attempt, reason, abort, attempt.Manager.IsFinished);
    }

    /// <summary>Gives an executor no further tasks; those that run there may still end.</summary>
    public void Disable(string executorId)
    {
        if (_executors.TryGetValue(executorId, out var executor)) executor.IsDisabled = true;
    }

    /// <summary>Forgets an executor; all that ran there ends with it.</summary>
    public IReadOnlyList<TaskEnd> RemoveExecutor(string executorId, bool exitCausedByApp, string message)
    {
        if (!_executors.Remove(executorId)) return [];
        var lost = _running.Values.Where(attempt => attempt.ExecutorId == executorId).ToArray();
        return [.. lost.Select(attempt => End(attempt.Description.TaskId, new ExecutorLostFailure(executorId, exitCausedByApp, message))!)];
    }

    /// <summary>Gives a stage up: nothing of it is launched any more. Returns what still runs, to be killed, and the sets of which nothing does.</summary>
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

/// <summary>How a task ended and what follows.</summary>
/// <param name="Attempt">The task.</param>
/// <param name="Reason">How it ended.</param>
/// <param name="Abort">Why its whole task set is given up; null if it is not.</param>
/// <param name="TaskSetFinished">Whether nothing of its task set runs or waits any more.</param>
internal sealed record TaskEnd(TaskAttempt Attempt, TaskEndReason Reason, string? Abort, bool TaskSetFinished);
