namespace Sparkish.Deploy;

/// <summary>The reply of a master to a submission client or a tool.</summary>
internal interface IToSubmitter;

// Submission clients and tools to Master, all asked

/// <summary>Submits a driver; the reply is a <see cref="SubmitDriverResponse"/> once the driver is durable.</summary>
internal sealed record RequestSubmitDriver(DriverDescription Description) : IToMaster
{
    /// <summary>The realm of a user that the master's own process submits for; ignored in a message of a peer, which has proven its own.</summary>
    public string? Realm { get; init; }
}

/// <summary>Ends a driver; the reply is a <see cref="KillDriverResponse"/> as soon as its worker was told.</summary>
internal sealed record RequestKillDriver(DriverId Driver) : IToMaster;

/// <summary>Ends all drivers; the reply is a <see cref="KillAllDriversResponse"/>.</summary>
internal sealed record RequestKillAllDrivers : IToMaster;

/// <summary>The state of a driver; the reply is a <see cref="DriverStatusResponse"/>.</summary>
internal sealed record RequestDriverStatus(DriverId Driver) : IToMaster;

/// <summary>Forgets the drivers and applications that have ended; the reply is true.</summary>
internal sealed record RequestClearCompletedDriversAndApps : IToMaster;

/// <summary>Whether the master leads; the reply is false for a standby.</summary>
internal sealed record RequestReadyz : IToMaster;

/// <summary>The state of the cluster; the reply is a <see cref="MasterStateResponse"/>.</summary>
internal sealed record RequestMasterState : IToMaster;

/// <summary>Gives the workers of some hosts no new work; the reply is the number of these workers.</summary>
/// <param name="Hosts">The hosts, compared without regard to case.</param>
internal sealed record DecommissionWorkersOnHosts(string[] Hosts) : IToMaster;

// Master to submission clients and tools

/// <param name="Success">Whether the driver is submitted.</param>
/// <param name="Driver">Its id if it is.</param>
/// <param name="Message">One sentence for people.</param>
internal sealed record SubmitDriverResponse(bool Success, DriverId? Driver, string Message) : IToSubmitter;

internal sealed record KillDriverResponse(DriverId Driver, bool Success, string Message) : IToSubmitter;

internal sealed record KillAllDriversResponse(bool Success, string Message) : IToSubmitter;

/// <param name="Found">Whether the master knows the driver.</param>
/// <param name="State">Its state.</param>
/// <param name="Worker">Its worker, while it runs.</param>
/// <param name="WorkerHostPort">The address of the worker.</param>
/// <param name="Message">The reason of its end, or why the question has no answer.</param>
internal sealed record DriverStatusResponse(bool Found, DriverState? State, WorkerId? Worker, string? WorkerHostPort, string? Message) : IToSubmitter
{
    /// <summary>The realm that its submitter proved; null for the cluster itself.</summary>
    public string? Realm { get; init; }
}

/// <param name="Host">The master's address.</param>
/// <param name="Port">The master's port.</param>
/// <param name="Status">The state of the master.</param>
/// <param name="Workers">Its workers.</param>
/// <param name="ActiveApplications">Applications that are not over, in the order in which they are served.</param>
/// <param name="CompletedApplications">The last ones that are over.</param>
/// <param name="ActiveDrivers">Drivers that are not over.</param>
/// <param name="CompletedDrivers">The last ones that are over.</param>
internal sealed record MasterStateResponse(
    string Host, int Port, MasterStatus Status, WorkerStatus[] Workers, ApplicationStatus[] ActiveApplications, ApplicationStatus[] CompletedApplications,
    DriverStatus[] ActiveDrivers, DriverStatus[] CompletedDrivers) : IToSubmitter;

/// <summary>The states of a master.</summary>
internal enum MasterStatus
{
    /// <summary>Another master leads, or none.</summary>
    Standby,

    /// <summary>The new leader waits for the workers and applications of the journal.</summary>
    Recovering,

    /// <summary>The leader of the cluster.</summary>
    Alive,
}

/// <summary>A worker in <see cref="MasterStateResponse"/>.</summary>
internal sealed record WorkerStatus(WorkerId Id, string Host, int Port, string State, int Cores, int CoresUsed, int MemoryMiB, int MemoryUsedMiB);

/// <summary>An application in <see cref="MasterStateResponse"/>.</summary>
internal sealed record ApplicationStatus(
    ApplicationId Id, string Name, string User, string State, int Cores, int MemoryPerExecutorMiB, DateTimeOffset Started, DateTimeOffset? Ended);

/// <summary>A driver in <see cref="MasterStateResponse"/>.</summary>
internal sealed record DriverStatus(DriverId Id, DriverState State, string MainClass, WorkerId? Worker, DateTimeOffset Submitted, string? Message);
