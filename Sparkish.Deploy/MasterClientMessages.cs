using Sparkish.Rpc;

namespace Sparkish.Deploy;

/// <summary>What an application's client takes from a master.</summary>
internal interface IToClient;

// Client to Master

/// <summary>Sent by an application to all masters at its start; the leader answers <see cref="RegisteredApplication"/>.</summary>
internal sealed record RegisterApplication(ApplicationDescription Description, RpcEndpointRef Client) : IToMaster;

/// <summary>Asked by an application that ends; the reply is true once the master has let it go.</summary>
internal sealed record UnregisterApplication(ApplicationId App) : IToMaster;

// Master to Client

/// <summary>The cluster has taken the application.</summary>
/// <param name="App">Its id.</param>
/// <param name="Master">The master that has it.</param>
/// <param name="Secret">What its driver and executors prove to each other.</param>
internal sealed record RegisteredApplication(ApplicationId App, RpcEndpointRef Master, ApplicationSecret Secret) : IToClient;

/// <summary>The master has told a worker to start an executor.</summary>
internal sealed record ExecutorAdded(int Executor, WorkerId Worker, string HostPort, int Cores, int MemoryMiB) : IToClient;

/// <summary>An executor's state has changed.</summary>
/// <param name="WorkerHost">Set when the whole worker was lost, so that its files are lost with it.</param>
internal sealed record ExecutorUpdated(int Executor, ExecutorState State, string? Message, int? ExitStatus, string? WorkerHost) : IToClient;

/// <summary>A worker is gone; its executors were reported before.</summary>
internal sealed record WorkerRemoved(WorkerId Worker, string Host, string Message) : IToClient;

/// <summary>The master has given the application up.</summary>
internal sealed record ApplicationRemoved(string Message) : IToClient;
