using Sparkish.Rpc;

namespace Sparkish.Deploy;

/// <summary>A message that a master receives.</summary>
internal interface IToMaster;

/// <summary>A message that a worker receives from a master.</summary>
internal interface IToWorker
{
    /// <summary>The term of the leader that sent it. A worker refuses an earlier one than that of its master.</summary>
    MasterEpoch Epoch { get; }
}

/// <summary>A message of a leader to a worker.</summary>
internal abstract record MasterCommand : IToWorker
{
    public MasterEpoch Epoch { get; init; }
}

// Worker to Master

/// <summary>
/// Sent by a worker at its start and after the loss of its master; answered by <see cref="RegisteredWorker"/>, <see cref="RegisterWorkerFailed"/>,
/// <see cref="MasterChanged"/> during a recovery, or <see cref="MasterInStandby"/>.
/// </summary>
/// <param name="MasterAddress">The address that the worker used to reach the master; returned in the answer.</param>
internal sealed record RegisterWorker(
    WorkerId Id, string Host, int Port, RpcEndpointRef Worker, int Cores, int MemoryMiB, RpcAddress MasterAddress) : IToMaster
{
    /// <summary>The custom resources that it offers; null for none.</summary>
    public ResourceInformation[]? Resources { get; init; }

    /// <summary>Whether it can run drivers in cluster mode.</summary>
    public bool RunsDrivers { get; init; }

    /// <summary>The executors that still occupy its resources, from before the loss of its master; null for none.</summary>
    public OccupiedByExecutor[]? Executors { get; init; }

    /// <summary>The drivers that still occupy its resources; null for none.</summary>
    public OccupiedByDriver[]? Drivers { get; init; }
}

/// <summary>The resources that an executor occupies on its worker until it has ended.</summary>
internal sealed record OccupiedByExecutor(ApplicationId App, int Executor, int Cores, int MemoryMiB, ResourceInformation[]? Resources);

/// <summary>The resources that a driver occupies on its worker until it has ended.</summary>
internal sealed record OccupiedByDriver(DriverId Driver, int Cores, int MemoryMiB, ResourceInformation[]? Resources);

/// <summary>
/// Sent by a worker to all of its masters several times within <c>spark.worker.timeout</c>, as long as it lives. The leader removes a worker that is silent
/// for longer. It answers <see cref="ReconnectWorker"/> to one that it does not know, and <see cref="MasterChanged"/> to one that follows an earlier leader.
/// </summary>
/// <param name="Epoch">The term of the leader that the worker follows; default for none.</param>
internal sealed record Heartbeat(WorkerId Id, RpcEndpointRef Worker, MasterEpoch Epoch) : IToMaster;

/// <summary>
/// Sent by a worker after each <see cref="RegisteredWorker"/>; the master answers <see cref="KillExecutor"/> for each unknown executor and
/// <see cref="KillDriver"/> for each unknown driver.
/// </summary>
internal sealed record WorkerLatestState(WorkerId Id, RpcEndpointRef Worker, ExecutorDescription[] Executors) : IToMaster
{
    /// <summary>The drivers that it runs; null for none.</summary>
    public DriverId[]? Drivers { get; init; }

    /// <summary>The number of the message that it answers.</summary>
    public long Inquiry { get; init; }
}

/// <summary>Sent by a worker in answer to <see cref="MasterChanged"/>: the executors and drivers that it runs.</summary>
internal sealed record WorkerSchedulerStateResponse(WorkerId Id, RpcEndpointRef Worker, ExecutorDescription[] Executors, DriverId[] Drivers) : IToMaster
{
    /// <summary>The number of the message that it answers.</summary>
    public long Inquiry { get; init; }
}

/// <summary>An executor as its worker sees it.</summary>
internal sealed record ExecutorDescription(ApplicationId App, int Executor, int Cores, int MemoryMiB, ExecutorState State);

/// <summary>Asked by a worker on each change; the reply is true, even for an executor that the master does not know.</summary>
internal sealed record ExecutorStateChanged(
    WorkerId Worker, ApplicationId App, int Executor, ExecutorState State, string? Message, int? ExitStatus) : IToMaster;

/// <summary>Asked by a worker when a driver has ended; the reply is true, even for a driver that the master does not know.</summary>
internal sealed record DriverStateChanged(WorkerId Worker, DriverId Driver, DriverState State, string? Message) : IToMaster;

/// <summary>Sent by a worker that takes no new work from now on.</summary>
internal sealed record WorkerDecommissioning(WorkerId Id, RpcEndpointRef Worker) : IToMaster;

// Master to Worker

/// <summary>The master has accepted the worker.</summary>
/// <param name="Duplicate">Whether the master knew it already, so that nothing changed.</param>
internal sealed record RegisteredWorker(RpcEndpointRef Master, RpcAddress MasterAddress, bool Duplicate) : MasterCommand
{
    /// <summary>A number for the answer to repeat.</summary>
    public long Inquiry { get; init; }
}

/// <summary>The master refuses the worker.</summary>
internal sealed record RegisterWorkerFailed(string Message) : MasterCommand;

/// <summary>The master does not lead: the worker waits for the leader's answer.</summary>
internal sealed record MasterInStandby : MasterCommand;

/// <summary>
/// Another master leads from now on. A worker answers <see cref="WorkerSchedulerStateResponse"/>, an application <see cref="MasterChangeAcknowledged"/>.
/// </summary>
internal sealed record MasterChanged(RpcEndpointRef Master) : MasterCommand, IToClient
{
    /// <summary>A number for the answer of a worker to repeat.</summary>
    public long Inquiry { get; init; }

    /// <summary>The id of an application that registers again although an earlier leader has registered it; null in other cases.</summary>
    public ApplicationId? App { get; init; }
}

/// <summary>The master does not know this worker (any more); the worker must register again.</summary>
internal sealed record ReconnectWorker(string MasterUrl) : MasterCommand;

/// <summary>Start an executor; the worker reports with <see cref="ExecutorStateChanged"/>.</summary>
/// <param name="MasterUrl">The master that says so.</param>
/// <param name="App">The application.</param>
/// <param name="Executor">The executor's number there.</param>
/// <param name="Description">The application's request.</param>
/// <param name="Cores">Number of concurrent tasks.</param>
/// <param name="MemoryMiB">Its heap limit.</param>
/// <param name="Secret">The secret that it proves to its driver and to other executors; never on a command line, in an environment or in a log.</param>
internal sealed record LaunchExecutor(string MasterUrl, ApplicationId App, int Executor, ApplicationDescription Description,
    int Cores, int MemoryMiB, ApplicationSecret Secret) : MasterCommand
{
    /// <summary>The units of custom resources that it may use; null for none.</summary>
    public ResourceInformation[]? Resources { get; init; }
}

/// <summary>Orders a worker to stop an executor; the worker replies with <see cref="ExecutorStateChanged"/>, even if it has no such executor.</summary>
internal sealed record KillExecutor(string MasterUrl, ApplicationId App, int Executor) : MasterCommand;

/// <summary>Start a driver; the worker reports its end with <see cref="DriverStateChanged"/>.</summary>
internal sealed record LaunchDriver(DriverId Driver, DriverDescription Description) : MasterCommand
{
    /// <summary>The units of custom resources that it may use; null for none.</summary>
    public ResourceInformation[]? Resources { get; init; }
}

/// <summary>Orders a worker to stop a driver; the worker replies with <see cref="DriverStateChanged"/>, even if it has no such driver.</summary>
internal sealed record KillDriver(DriverId Driver) : MasterCommand;

/// <summary>An application is over; sent to all workers.</summary>
internal sealed record ApplicationFinished(ApplicationId App) : MasterCommand;

/// <summary>The worker takes no new work from now on.</summary>
internal sealed record DecommissionWorker : MasterCommand;
