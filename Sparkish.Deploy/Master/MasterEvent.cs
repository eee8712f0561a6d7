using Sparkish.Rpc;

namespace Sparkish.Deploy.Master;

/// <summary>Something that happened to the cluster; the only way in which a <see cref="MasterState"/> changes.</summary>
internal abstract record MasterEvent;

internal sealed record WorkerAdded(WorkerId Worker, RpcEndpointRef Ref, string Host, int Port, int Cores, int MemoryMiB) : MasterEvent
{
    /// <summary>The env that registered it.</summary>
    public RpcPeer? Peer { get; init; }
}

/// <summary>A worker is gone, and with it the executors it ran.</summary>
internal sealed record WorkerLost(WorkerId Worker) : MasterEvent;

internal sealed record ApplicationAdded(ApplicationId App, ApplicationDescription Description, RpcEndpointRef Client) : MasterEvent
{
    /// <summary>The env that registered it.</summary>
    public RpcPeer? Peer { get; init; }

    public ApplicationSecret Secret { get; init; } = ApplicationSecret.New();
}

/// <summary>An application has ended. The resources of its executors stay occupied until each worker reports their ends.</summary>
internal sealed record ApplicationEnded(ApplicationId App, ApplicationState State) : MasterEvent;

internal sealed record ExecutorLaunched(ExecutorKey Executor, WorkerId Worker, int Cores, int MemoryMiB) : MasterEvent;

/// <summary>A worker reported an executor's new state. The application may already have ended.</summary>
/// <param name="At">The time of the report.</param>
internal sealed record ExecutorChanged(ExecutorKey Executor, WorkerId Worker, ExecutorState State, int? ExitStatus, DateTimeOffset At) : MasterEvent;
