using Sparkish.Rpc;

namespace Sparkish.Deploy;

/// <summary>A message that a master receives.</summary>
internal interface IToMaster;

/// <summary>A message that a worker receives from a master.</summary>
internal interface IToWorker;

// Worker to Master

/// <summary>
/// Sent by a worker at its start and after the loss of its master; answered by <see cref="RegisteredWorker"/> or <see cref="RegisterWorkerFailed"/>.
/// </summary>
/// <param name="MasterAddress">The address that the worker used to reach the master; returned in the answer.</param>
internal sealed record RegisterWorker(
    WorkerId Id, string Host, int Port, RpcEndpointRef Worker, int Cores, int MemoryMiB, RpcAddress MasterAddress) : IToMaster;

/// <summary>Sent by a worker after each <see cref="RegisteredWorker"/>; the master answers <see cref="KillExecutor"/> for each unknown executor.</summary>
internal sealed record WorkerLatestState(WorkerId Id, RpcEndpointRef Worker, ExecutorDescription[] Executors) : IToMaster;

/// <summary>An executor as its worker sees it.</summary>
internal sealed record ExecutorDescription(ApplicationId App, int Executor, int Cores, int MemoryMiB, ExecutorState State);

/// <summary>Asked by a worker on each change; the reply is true, even for an executor that the master does not know.</summary>
internal sealed record ExecutorStateChanged(
    WorkerId Worker, ApplicationId App, int Executor, ExecutorState State, string? Message, int? ExitStatus) : IToMaster;

// Master to Worker

/// <summary>The master has accepted the worker.</summary>
/// <param name="Duplicate">Whether the master knew it already, so that nothing changed.</param>
internal sealed record RegisteredWorker(RpcEndpointRef Master, RpcAddress MasterAddress, bool Duplicate) : IToWorker;

/// <summary>The master refuses the worker.</summary>
internal sealed record RegisterWorkerFailed(string Message) : IToWorker;

/// <summary>The master does not know this worker (any more); the worker must register again.</summary>
internal sealed record ReconnectWorker(string MasterUrl) : IToWorker;

/// <summary>Start an executor; the worker reports with <see cref="ExecutorStateChanged"/>.</summary>
/// <param name="MasterUrl">The master that says so.</param>
/// <param name="App">The application.</param>
/// <param name="Executor">The executor's number there.</param>
/// <param name="Description">The application's request.</param>
/// <param name="Cores">Number of concurrent tasks.</param>
/// <param name="MemoryMiB">Its heap limit.</param>
/// <param name="Secret">The secret that it proves to its driver and to other executors; never on a command line, in an environment or in a log.</param>
internal sealed record LaunchExecutor(string MasterUrl, ApplicationId App, int Executor, ApplicationDescription Description,
    int Cores, int MemoryMiB, ApplicationSecret Secret) : IToWorker;

/// <summary>Orders a worker to stop an executor; the worker replies with <see cref="ExecutorStateChanged"/>, even if it has no such executor.</summary>
internal sealed record KillExecutor(string MasterUrl, ApplicationId App, int Executor) : IToWorker;

/// <summary>An application is over; sent to all workers.</summary>
internal sealed record ApplicationFinished(ApplicationId App) : IToWorker;
