using Sparkish.Persistence.EventSourcing;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Master;

/// <summary>Something that happened to the cluster; the only way in which a <see cref="MasterState"/> changes, and what the journal holds.</summary>
internal abstract record MasterEvent
{
    /// <summary>The number of each type in journals; none is ever used again for another type.</summary>
    public static EventSchema<MasterEvent> Schema { get; } = new EventSchema<MasterEvent>()
        .Add<LeaderElected>(1).Add<RecoveryCompleted>(2)
        .Add<WorkerAdded>(10).Add<WorkerRecovered>(11).Add<WorkerLost>(12).Add<WorkerDecommissioned>(13).Add<DeadWorkersForgotten>(14)
        .Add<ApplicationAdded>(20).Add<ApplicationRecovered>(21).Add<ApplicationEnded>(22).Add<ExecutorLimitChanged>(23)
        .Add<ExecutorLaunched>(30).Add<ExecutorChanged>(31).Add<ExecutorReleased>(32)
        .Add<DriverSubmitted>(40).Add<DriverLaunched>(41).Add<DriverEnded>(42).Add<DriverRelaunched>(43).Add<DriverGone>(44).Add<DriverKillRequested>(45)
        .Add<HistoryForgotten>(50);
}

/// <summary>A master leads from now on: it has not heard from any worker or application of the journal.</summary>
/// <param name="Leader">A random number that no other leader, and no earlier instance of this one, has.</param>
/// <param name="Journal">Identifies the journal if this is its first event; otherwise it means nothing.</param>
internal sealed record LeaderElected(long Leader, long Journal) : MasterEvent;

/// <summary>The leader waits for no worker and no application any more.</summary>
internal sealed record RecoveryCompleted : MasterEvent;

internal sealed record WorkerAdded(WorkerId Worker, RpcEndpointRef Ref, string Host, int Port, int Cores, int MemoryMiB) : MasterEvent
{
    /// <summary>The env that registered it.</summary>
    public RegisteredEnv? Peer { get; init; }

    public ResourceInformation[]? Resources { get; init; }

    public bool RunsDrivers { get; init; }

    /// <summary>The executors of before, which nobody wants any more: they occupy its resources until it reports their ends.</summary>
    public OccupiedByExecutor[]? Executors { get; init; }

    /// <summary>The drivers of before.</summary>
    public OccupiedByDriver[]? Drivers { get; init; }
}

/// <summary>A worker of the journal has answered the new leader.</summary>
internal sealed record WorkerRecovered(WorkerId Worker) : MasterEvent;

/// <summary>A worker is gone, and with it the executors it ran. Its drivers follow in events of their own.</summary>
internal sealed record WorkerLost(WorkerId Worker) : MasterEvent
{
    public DateTimeOffset At { get; init; }
}

/// <summary>Workers that were removed some time ago are not reported any more.</summary>
internal sealed record DeadWorkersForgotten(WorkerId[] Workers) : MasterEvent;

/// <summary>A worker gets no new work, and applications may replace its executors.</summary>
internal sealed record WorkerDecommissioned(WorkerId Worker) : MasterEvent;

internal sealed record ApplicationAdded(ApplicationId App, ApplicationDescription Description, RpcEndpointRef Client) : MasterEvent
{
    /// <summary>The env that registered it.</summary>
    public RegisteredEnv? Peer { get; init; }

    public DateTimeOffset At { get; init; }
}

/// <summary>An application of the journal has answered the new leader.</summary>
internal sealed record ApplicationRecovered(ApplicationId App) : MasterEvent;

/// <summary>An application has ended. The resources of its executors stay occupied until each worker reports their ends.</summary>
internal sealed record ApplicationEnded(ApplicationId App, ApplicationState State) : MasterEvent
{
    public DateTimeOffset At { get; init; }
}

/// <summary>An application wants another number of executors.</summary>
internal sealed record ExecutorLimitChanged(ApplicationId App, int Limit) : MasterEvent;

internal sealed record ExecutorLaunched(ExecutorKey Executor, WorkerId Worker, int Cores, int MemoryMiB) : MasterEvent
{
    /// <summary>The units of custom resources that it occupies; null for none.</summary>
    public ResourceInformation[]? Resources { get; init; }
}

/// <summary>A worker reported an executor's new state. The application may already have ended.</summary>
/// <param name="At">The time of the report.</param>
internal sealed record ExecutorChanged(ExecutorKey Executor, WorkerId Worker, ExecutorState State, int? ExitStatus, DateTimeOffset At) : MasterEvent;

/// <summary>An application has given an executor back. Its resources stay occupied until its worker reports the end.</summary>
internal sealed record ExecutorReleased(ExecutorKey Executor) : MasterEvent;

internal sealed record DriverSubmitted(DriverId Driver, DriverDescription Description, DateTimeOffset At) : MasterEvent
{
    /// <summary>The realm that the submission client proved; null for the master's own env.</summary>
    public string? Realm { get; init; }
}

internal sealed record DriverLaunched(DriverId Driver, WorkerId Worker) : MasterEvent
{
    /// <summary>The units of custom resources that it occupies; null for none.</summary>
    public ResourceInformation[]? Resources { get; init; }
}

/// <summary>A driver that runs is to end. Its worker may be lost before it has heard of that.</summary>
internal sealed record DriverKillRequested(DriverId Driver) : MasterEvent;

/// <summary>A driver is over.</summary>
internal sealed record DriverEnded(DriverId Driver, DriverState State, string? Message) : MasterEvent;

/// <summary>A driver is submitted again under another id, since the first one may still run somewhere.</summary>
internal sealed record DriverRelaunched(DriverId Driver, DriverId As, DateTimeOffset At) : MasterEvent;

/// <summary>A driver that is over, or was replaced, does not occupy a worker any more.</summary>
internal sealed record DriverGone(DriverId Driver, WorkerId Worker) : MasterEvent;

/// <summary>The oldest applications and drivers that are over were forgotten.</summary>
internal sealed record HistoryForgotten(int Applications, int Drivers) : MasterEvent;
