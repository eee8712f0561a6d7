using Sparkish.Rpc;

namespace Sparkish.Deploy;

/// <summary>A message that an application's client receives from a master.</summary>
internal interface IToClient;

// Client to Master

/// <summary>Sent by an application to all masters at its start; the leader answers <see cref="RegisteredApplication"/>.</summary>
internal sealed record RegisterApplication(ApplicationDescription Description, RpcEndpointRef Client) : IToMaster;

/// <summary>Asked by an application that ends; the reply is true once the master has removed it.</summary>
internal sealed record UnregisterApplication(ApplicationId App) : IToMaster;

// Master to Client

/// <summary>The cluster has accepted the application.</summary>
/// <param name="App">Its id.</param>
/// <param name="Master">The master that has it.</param>
/// <param name="Secret">The secret that its driver and executors prove to each other.</param>
internal sealed record RegisteredApplication(ApplicationId App, RpcEndpointRef Master, ApplicationSecret Secret) : IToClient;

/// <summary>The master has ordered a worker to start an executor.</summary>
internal sealed record ExecutorAdded(int Executor, WorkerId Worker, string HostPort, int Cores, int MemoryMiB) : IToClient;

/// <summary>An executor's state has changed.</summary>
/// <param name="WorkerHost">Set if the whole worker was lost, including its files.</param>
internal sealed record ExecutorUpdated(int Executor, ExecutorState State, string? Message, int? ExitStatus, string? WorkerHost) : IToClient;

/// <summary>A worker is gone; its executors were reported before.</summary>
internal sealed record WorkerRemoved(WorkerId Worker, string Host, string Message) : IToClient;

/// <summary>The master has removed the application.</summary>
internal sealed record ApplicationRemoved(string Message) : IToClient;
