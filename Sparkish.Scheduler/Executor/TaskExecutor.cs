using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Sparkish.Compute;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Tasks;

namespace Sparkish.Executor;

/// <summary>
/// Spark's Executor: runs tasks on its own threads, one per core. A task may block on files and sockets, and user code may do anything, without starving the
/// pool that serves messages. Called by its owner's thread; outcomes are reported from the task threads.
/// </summary>
internal sealed class TaskExecutor : IDisposable
{
    private readonly SparkEnv _env;
    private readonly Action<long, TaskOutcome> _report;
    private readonly ILogger _log;
    private readonly CultureInfo _culture;
    private readonly ConcurrentDictionary<long, byte[]> _binaries = new();
    private readonly ConcurrentDictionary<long, TaskContext> _tasks = new();
    private readonly BlockingCollection<TaskContext> _queue = [];
    private readonly Thread[] _slots;

    /// <summary>Starts the threads.</summary>
    /// <param name="env">The shared services of tasks.</param>
    /// <param name="cores">Number of concurrent tasks.</param>
    /// <param name="report">Receives a task's id and outcome, on the task's thread; must not block.</param>
    /// <param name="log">Logs exceptions of tasks; the driver is notified in any case.</param>
    /// <param name="resources">The units of custom resources of all slots.</param>
    public TaskExecutor(
        SparkEnv env, int cores, Action<long, TaskOutcome> report, ILogger log, IReadOnlyDictionary<string, IReadOnlyList<string>>? resources = null)
    {
        _env = env;
        _report = report;
        _log = log;
        _culture = ApplicationCulture.Of(env.Conf);
        var ofSlots = Enumerable.Range(0, cores).Select(slot => SlotResources.Of(resources ?? TaskContext.NoResources, env.Conf, slot)).ToList();
        _slots = [.. ofSlots.Select((own, slot) => new Thread(() => RunTasks(own)) { IsBackground = true, Name = $"Executor {env.ExecutorId} task {slot}" })];
        foreach (var slot in _slots) slot.Start();
    }

    /// <summary>Queues a task. The driver sends no more tasks than there are cores, so the queue is short.</summary>
    public void Launch(TaskDescription task, TaskBinary? binary)
    {
        if (binary is not null) _binaries[binary.Id] = binary.Operation;
        var context = new TaskContext(task, _env);
        _tasks[task.TaskId] = context;
        _queue.Add(context);
    }

    /// <summary>Asks a task to stop; an unknown one has already ended.</summary>
    public void Kill(long taskId, string reason)
    {
        if (_tasks.TryGetValue(taskId, out var context)) context.Kill(reason);
    }

    public void Forget(long binaryId) => _binaries.TryRemove(binaryId, out _);

    /// <summary>Kills running tasks and lets the threads end; they are not awaited, since user code may not respond.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        foreach (var context in _tasks.Values) context.Kill("the executor stops");
    }

    private void RunTasks(IReadOnlyDictionary<string, IReadOnlyList<string>> resources)
    {
        var result = new ByteWriter { Context = _env.Serialization };
        foreach (var context in _queue.GetConsumingEnumerable())
        {
            context.Resources = resources;
            TaskContext.Current = context;

            // The previous task may have changed it.
            CultureInfo.CurrentCulture = _culture;
            var outcome = Run(context, result);
            TaskContext.Current = null;
            _tasks.TryRemove(context.TaskAttemptId, out _);
            Report(context.TaskAttemptId, outcome);
        }
    }

    private void Report(long taskId, TaskOutcome outcome)
    {
        try
        {
            _report(taskId, outcome);
        }
        catch (Exception error)
        {
            // The result is too large to send, or memory is exhausted; the driver receives that failure instead.
            ReportInstead(taskId, error);
        }
    }

    private void ReportInstead(long taskId, Exception cause)
    {
        try
        {
            _report(taskId, Describe(cause));
        }
        catch (Exception error)
        {
            // Not even that can be sent: the driver is gone, and this executor will stop. The thread continues.
            Log(error, $"the report of task {taskId}");
        }
    }

    private TaskOutcome Run(TaskContext context, ByteWriter result)
    {
        var task = context.Description;
        try
        {
            context.ThrowIfKilled();
            if (!_binaries.TryGetValue(task.BinaryId, out var binary))
                throw new SparkException($"The operation of {task.Name} never reached executor {_env.ExecutorId}.");
            var operation = ObjectSerializer.Deserialize<TaskOperation>(binary, _env.OfDriver);
            var partition = ObjectSerializer.Deserialize<Partition>(task.Partition, _env.OfDriver);
            result.Clear();
            operation.Run(partition, context, result);
            context.ThrowIfKilled();
            return new TaskOutcome(TaskState.Finished, result.ToArray());
        }
        catch (Exception e)
        {
            if (e is not TaskKilledException) Log(e, task.Name);
            return Describe(e);
        }
    }

    // The exception is the user's, and memory may be exhausted: even if its description throws, the driver learns that the task failed.
    private TaskOutcome Describe(Exception error)
    {
        try
        {
            return TaskOutcome.Of(error, _env.Serialization);
        }
        catch (Exception)
        {
            return TaskOutcome.Undescribed(error.GetType());
        }
    }

    // Loggers read the exception's text, and both the logger and the exception may be user code: neither may end a task's thread.
    private void Log(Exception error, string task)
    {
        try
        {
            _log.TaskFailed(error, task);
        }
        catch (Exception)
        {
            _ = TryLogUndescribed(error, task);
        }
    }

    private bool TryLogUndescribed(Exception error, string task)
    {
        try
        {
            _log.TaskFailureUndescribed(error.GetType(), task);
            return true;
        }
        catch (Exception)
        {
            // The logger is user code too; the driver is notified even if it fails.
            return false;
        }
    }
}
