using Sparkish.Compute;
using Sparkish.Rpc;
using Sparkish.Tasks;

namespace Sparkish.Executor;

/// <summary>A message to the driver's endpoint for executors.</summary>
internal interface IToDriver;

/// <summary>A message to an executor.</summary>
internal interface IToExecutor;

// Executor to driver

/// <summary>Asked by an executor before it registers; answered by <see cref="SparkAppConfig"/>.</summary>
internal sealed record RetrieveSparkAppConfig : IToDriver;

/// <summary>The application's settings.</summary>
internal sealed record SparkAppConfig(IReadOnlyDictionary<string, string> Properties, RpcEndpointRef MapOutputTracker);

/// <summary>Asked by an executor once it can run tasks; answered by true, or by a failure if its id is in use or it is incompatible with the driver.</summary>
internal sealed record RegisterExecutor(
    string ExecutorId, RpcEndpointRef Executor, string Host, int Cores, string EngineBuild, bool InvariantGlobalization) : IToDriver;

/// <summary>Sent when a task attempt has ended.</summary>
/// <param name="ExecutorId">The executor of the attempt.</param>
/// <param name="TaskId">The attempt.</param>
/// <param name="State">The state of the attempt.</param>
/// <param name="Data">The result, or the serialized reason; see <see cref="TaskOutcome"/>.</param>
internal sealed record StatusUpdate(string ExecutorId, long TaskId, TaskState State, byte[] Data) : IToDriver;

// Driver to executor

/// <summary>Sent when a core of the executor is free for a task.</summary>
/// <param name="Task">The task.</param>
/// <param name="Binary">The stage's operation, with the first of its tasks that this executor receives.</param>
internal sealed record LaunchTask(TaskDescription Task, TaskBinary? Binary) : IToExecutor;

/// <summary>Sent when a task is not needed any more; it ends at its next batch of elements.</summary>
internal sealed record KillTask(long TaskId, string Reason) : IToExecutor;

/// <summary>Sent when no further task with this operation follows.</summary>
internal sealed record ForgetTaskBinary(long BinaryId) : IToExecutor;

/// <summary>Sent when the application ends.</summary>
internal sealed record StopExecutor : IToExecutor;

// Cluster manager to driver, within the driver

/// <summary>Sent when the cluster announces an executor.</summary>
internal sealed record ExpectExecutor(string ExecutorId) : IToDriver;

/// <summary>Sent when the cluster has lost an executor.</summary>
internal sealed record RemoveExecutor(string ExecutorId, string Message, bool ExitCausedByApp) : IToDriver;

/// <summary>Sent when the cluster takes an executor away: it gets no further task, and stops after its last one.</summary>
internal sealed record DecommissionExecutor(string ExecutorId, string Message) : IToDriver;

/// <summary>Sent when the cluster starts no further executors; jobs then fail when the last one is gone.</summary>
internal sealed record NoMoreExecutors(string Reason) : IToDriver;

/// <summary>Sent when the cluster starts executors again.</summary>
internal sealed record MoreExecutors : IToDriver;

/// <summary>Asked when the application stops: all executors are notified; answered by true.</summary>
internal sealed record StopExecutors : IToDriver;
