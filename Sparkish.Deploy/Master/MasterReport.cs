using Sparkish.Rpc;

namespace Sparkish.Deploy.Master;

/// <summary>Reports the state of a cluster to tools.</summary>
internal static class MasterReport
{
    public static MasterStateResponse Of(MasterState state, RpcAddress master) => new(
        master.Host, master.Port, state.Status,
        [.. state.Workers.Values.Select(Of).Concat(state.DeadWorkers.Values.Select(Of)).OrderBy(worker => worker.Id.Value, StringComparer.Ordinal)],
        [.. state.ApplicationsInOrder.Select(Of)], [.. state.CompletedApplications.Select(Of)],
        [.. state.Drivers.Values.OrderBy(driver => driver.Number).Select(Of)], [.. state.CompletedDrivers.Select(Of)]);

    private static WorkerStatus Of(WorkerInfo worker) => new(worker.Id, worker.Host, worker.Port, Name(worker.State), worker.Cores,
        worker.Cores - worker.CoresFree, worker.MemoryMiB, worker.MemoryMiB - worker.MemoryFreeMiB);

    private static WorkerStatus Of(DeadWorker worker) => new(
        worker.Id, worker.Host, worker.Port, Name(WorkerState.Dead), worker.Cores, CoresUsed: 0, worker.MemoryMiB, MemoryUsedMiB: 0);

    private static ApplicationStatus Of(ApplicationInfo app) => new(app.Id, app.Description.Name, app.Description.User, Name(app.State), app.CoresGranted,
        app.Description.MemoryPerExecutorMiB, app.Started, Ended: null);

    private static ApplicationStatus Of(CompletedApplication app) =>
        new(app.Id, app.Name, app.User, Name(app.State), Cores: 0, app.MemoryPerExecutorMiB, app.Started, app.Ended);

    private static DriverStatus Of(DriverInfo driver) =>
        new(driver.Id, driver.State, driver.Description.Command.MainClass, driver.Worker, driver.Submitted, Message: null);

    private static DriverStatus Of(CompletedDriver driver) => new(driver.Id, driver.State, driver.MainClass, driver.Worker, driver.Submitted, driver.Message);

    private static string Name<T>(T state) where T : struct, Enum => state.ToString().ToUpperInvariant();
}
