using Sparkish.Deploy;
using Sparkish.Deploy.Client;
using Sparkish.Rpc;
using Sparkish.Simulation;
using ApplicationId = Sparkish.Deploy.ApplicationId;

namespace Sparkish.Tests.Deploy.Simulation;

/// <summary>A driver with an application in a simulated cluster: what it was told of its executors.</summary>
internal sealed class SimulatedApplication(int maxCores) : IClientListener
{
    public int MaxCores => maxCores;

    public ApplicationId? Id { get; private set; }

    public HashSet<int> Executors { get; } = [];

    /// <summary>The executors whose workers leave.</summary>
    public HashSet<int> Decommissioned { get; } = [];

    public string? Death { get; private set; }

    /// <summary>Whether its process was killed.</summary>
    public bool IsKilled { get; set; }

    /// <summary>Whether it has signed off.</summary>
    public bool IsOver { get; set; }

    /// <summary>The machine of its driver.</summary>
    public SimulatedNode Node { get; set; } = null!;

    /// <summary>The application of the driver's next process, at the same address; null if none follows.</summary>
    public SimulatedApplication? Successor { get; set; }

    /// <summary>Whether it should have executors.</summary>
    public bool IsWanted => !IsKilled && !IsOver && Death is null;

    public int MastersFound { get; private set; }

    public RpcEndpointRef? Client { get; set; }

    public void Connected(ApplicationId app, ApplicationSecret secret, RpcAddress master) => Id = app;

    public void ExecutorAdded(int executor) => Executors.Add(executor);

    public void Dead(string reason) => Death = reason;

    public void MasterLost(RpcAddress master)
    {
        // It continues with its executors.
    }

    public void MasterFound(RpcAddress master) => MastersFound++;

    public void ExecutorDecommissioned(int executor, string message) => Decommissioned.Add(executor);

    public void ExecutorEnded(int executor, string message, int? exitStatus, string? workerHost) => Executors.Remove(executor);

    public override string ToString() => $"{Id?.ToString() ?? "a new application"} with executors {string.Join(' ', Executors)} {Death}";
}
