namespace Sparkish.Deploy.Worker;

/// <content>Runs drivers in cluster mode.</content>
internal sealed partial class Worker
{
    private readonly Dictionary<DriverId, ManagedDriver> _drivers = [];

    private void OnLaunchDriver(LaunchDriver m)
    {
        if (_drivers.ContainsKey(m.Driver)) return; // a leader orders each driver once; this one runs
        if (drivers is null || _isDecommissioned)
        {
            Report(m.Driver, DriverState.Error, drivers is null ? "This worker runs no drivers" : "This worker was decommissioned and takes no new driver");
            return;
        }

        _log.DriverLaunching(m.Driver, m.Description.Cores, m.Description.MemoryMiB);
        var run = drivers.Launch(new DriverLaunch(m.Driver, m.Description, Self.ToString()) { Resources = m.Resources });
        _drivers.Add(m.Driver, new ManagedDriver(run, m.Description.Cores, m.Description.MemoryMiB, m.Resources));
        PipeToSelf(
            run.Completion, end => new DriverRunEnded(m.Driver, end), error => new DriverRunEnded(m.Driver, new DriverEnd(DriverState.Error, error.Message)));
    }

    private void OnKillDriver(KillDriver m)
    {
        // The master keeps a driver's cores occupied until its end is reported, so it is reported in any case.
        if (_drivers.TryGetValue(m.Driver, out var driver)) driver.Run.Kill();
        else Report(m.Driver, DriverState.Killed, "This worker runs no such driver");
    }

    private void OnDriverRunEnded(DriverRunEnded m)
    {
        if (!_drivers.Remove(m.Driver)) throw new InvalidOperationException($"Driver {m.Driver} ended, but was never launched.");
        _log.DriverEnded(m.Driver, m.End.State, m.End.Message);
        Report(m.Driver, m.End.State, m.End.Message);
        LeaveIfDone();
    }

    private void Report(DriverId driver, DriverState state, string? message) =>
        Report(new DriverStateChanged(_id, driver, state, ForMaster(message)), isEnd: true);

    private sealed record ManagedDriver(IDriverRun Run, int Cores, int MemoryMiB, ResourceInformation[]? Resources);

    private sealed record DriverRunEnded(DriverId Driver, DriverEnd End);
}
