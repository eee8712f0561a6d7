using Sparkish.Rpc;

namespace Sparkish.Deploy;

/// <summary>A message that an application's client receives from a master.</summary>
internal interface IToClient;

// Client to Master

/// <summary>Sent by an application to all masters at its start; the leader answers <see cref="RegisteredApplication"/>.</summary>
internal sealed record RegisterApplication(ApplicationDescription Description, RpcEndpointRef Client) : IToMaster;

/// <summary>Asked by an application that ends; the reply is true once the master has removed it.</summary>
internal sealed record UnregisterApplication(ApplicationId App) : IToMaster;

/// <summary>
/// Sent by an application to all of its masters every few seconds. The leader answers <see cref="MasterChanged"/> to one that follows an earlier leader, and
/// <see cref="ApplicationRemoved"/> to one that it has removed.
/// </summary>
/// <param name="Epoch">The term of the leader that the application follows.</param>
internal sealed record ApplicationHeartbeat(ApplicationId App, RpcEndpointRef Client, MasterEpoch Epoch) : IToMaster;

/// <summary>Sent by an application in answer to <see cref="MasterChanged"/>.</summary>
/// <param name="Secret">Its secret, which the journal of the masters does not hold.</param>
/// <param name="Executors">The numbers of the executors that it has heard of; the master reports the changes since then.</param>
internal sealed record MasterChangeAcknowledged(ApplicationId App, ApplicationSecret Secret, int[] Executors) : IToMaster;

/// <summary>Asked by an application that wants another number of executors; the reply is false if the master does not know the application.</summary>
/// <param name="Total">The number from now on. Running executors beyond it are not ended.</param>
internal sealed record RequestExecutors(ApplicationId App, int Total) : IToMaster;

/// <summary>Asked by an application that gives executors back; the reply is false if the master does not know the application.</summary>
internal sealed record KillExecutors(ApplicationId App, int[] Executors) : IToMaster;

// Master to Client

/// <summary>The cluster has accepted the application.</summary>
/// <param name="App">Its id.</param>
/// <param name="Master">The master that has it.</param>
/// <param name="Secret">The secret that its driver and executors prove to each other.</param>
internal sealed record RegisteredApplication(ApplicationId App, RpcEndpointRef Master, ApplicationSecret Secret) : IToClient
{
    /// <summary>The term of the leader.</summary>
    public MasterEpoch Epoch { get; init; }
}

/// <summary>The master has ordered a worker to start an executor.</summary>
internal sealed record ExecutorAdded(int Executor, WorkerId Worker, string HostPort, int Cores, int MemoryMiB) : IToClient;

/// <summary>An executor's state has changed.</summary>
/// <param name="WorkerHost">Set if the whole worker was lost, including its files.</param>
internal sealed record ExecutorUpdated(int Executor, ExecutorState State, string? Message, int? ExitStatus, string? WorkerHost) : IToClient;

/// <summary>A worker is gone; its executors were reported before.</summary>
internal sealed record WorkerRemoved(WorkerId Worker, string Host, string Message) : IToClient;

/// <summary>The master has removed the application.</summary>
internal sealed record ApplicationRemoved(string Message) : IToClient
{
    /// <summary>The term of the leader; it may be one that the application has not followed yet.</summary>
    public MasterEpoch Epoch { get; init; }
}
