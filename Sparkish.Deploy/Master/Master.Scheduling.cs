namespace Sparkish.Deploy.Master;

/// <content>Launches waiting drivers first, then executors, wherever there is room.</content>
internal sealed partial class Master
{
    // Each launch takes a few microseconds; between two batches the master handles other messages.
    private const int LaunchesAtOnce = 256;

    // What changed since the last schedule: the others are where they were.
    private readonly HashSet<WorkerId> _changedWorkers = [];
    private FreeWorkers? _free;
    private IDisposable? _rest;
    private bool _isScheduling;

    /// <summary>Schedules once after all changes that are decided together.</summary>
    private void RequestSchedule(MasterStep step)
    {
        if (_isScheduling) return;
        _isScheduling = true;
        RequestScheduleAgain(step);
    }

    private void RequestScheduleAgain(MasterStep step) => step.Then(() => Self.Send(new ScheduleNow()));

    private void OnScheduleNow(MasterStep step)
    {
        _isScheduling = false;
        if (step.State.Status != MasterStatus.Alive) return;
        var drivers = LaunchDrivers(step);
        var now = Env.Time.GetUtcNow();
        var demands = step.State.ApplicationsInOrder.Where(app => CoresWanted(app) > 0 && _secrets.ContainsKey(app.Id)).Select(app => DemandOf(app, now));
        var plans = ExecutorPlacement.Place(Free(step), demands, options.SpreadOutApps, LaunchesAtOnce - drivers);
        foreach (var plan in plans) _changedWorkers.Add(plan.Worker); // also if the step fails
        foreach (var plan in plans) Launch(step, plan);
        AwaitNextRest(step, now);
        if (plans.Count + drivers >= LaunchesAtOnce) RequestSchedule(step);
    }

    private int CoresWanted(ApplicationInfo app) => (app.Description.MaxCores ?? options.DefaultCores) - app.CoresGranted;

    private ExecutorDemand DemandOf(ApplicationInfo app, DateTimeOffset now) => new(
        app.Id, CoresWanted(app), app.Description.CoresPerExecutor, app.Description.MemoryPerExecutorMiB)
    {
        ExecutorsLeft = app.ExecutorLimit is { } limit ? Math.Max(0, limit - app.Executors.Count) : null,
        Resources = app.Description.Resources,
        Resting = app.WorkersAtRest(now),
    };

    /// <summary>The workers with room, after the events of a step too.</summary>
    private FreeWorkers Free(MasterStep step)
    {
        foreach (var changed in step.Workers) _changedWorkers.Add(changed);
        _free ??= new FreeWorkers(options.WorkerSelection, step.State.Workers.Values.Where(IsUsable).Select(FreeOn));
        foreach (var id in _changedWorkers)
        {
            if (step.State.Workers.TryGetValue(id, out var worker) && IsUsable(worker)) _free.Set(FreeOn(worker));
            else _free.Remove(id);
        }

        _changedWorkers.Clear();
        foreach (var changed in step.Workers) _changedWorkers.Add(changed); // should the step fail, they have not changed
        return _free;
    }

    private static bool IsUsable(WorkerInfo worker) => worker.State == WorkerState.Alive;

    private static FreeWorker FreeOn(WorkerInfo worker) =>
        new(worker.Id, worker.CoresFree, worker.MemoryFreeMiB) { Resources = ResourceAllotment.Count(worker.ResourcesFree) };

    private int LaunchDrivers(MasterStep step)
    {
        if (step.State.Drivers.IsEmpty) return 0;
        var waiting = step.State.WaitingDrivers.ToList();
        var most = Math.Min(LaunchesAtOnce, options.MaxDrivers - (step.State.Drivers.Count - waiting.Count));
        if (waiting.Count == 0 || most <= 0) return 0;

        // Workers without room for the smallest driver need not be looked at, however many there are.
        var (cores, memoryMiB) = (waiting.Min(driver => driver.Description.Cores), waiting.Min(driver => driver.Description.MemoryMiB));
        var workers = Free(step).With(cores, memoryMiB).Where(worker => step.State.Workers[worker.Id].RunsDrivers)
            .OrderBy(worker => worker.Id.Value, StringComparer.Ordinal).ToArray();
        if (options.SpreadOutDrivers) _random.Shuffle(workers);
        var demands = waiting.Select(driver => new DriverDemand(driver.Id, driver.Description.Cores, driver.Description.MemoryMiB)
        {
            Resources = driver.Description.Resources,
        });
        var plans = DriverPlacement.Place(workers, demands, options.SpreadOutDrivers, most);
        foreach (var plan in plans) Launch(step, plan);
        return plans.Count;
    }

    private void Launch(MasterStep step, DriverPlan plan)
    {
        var (driver, worker) = (step.State.Drivers[plan.Driver], step.State.Workers[plan.Worker]);
        var units = ResourceAllotment.Choose(worker.ResourcesFree, driver.Description.Resources);
        step.Record(new DriverLaunched(driver.Id, worker.Id) { Resources = units });
        step.Then(() => _log.DriverLaunched(driver.Id, worker.Id));
        Command(step, worker.Ref, new LaunchDriver(driver.Id, driver.Description) { Resources = units });
    }

    private void Launch(MasterStep step, ExecutorPlan plan)
    {
        var (app, worker) = (step.State.Applications[plan.App], step.State.Workers[plan.Worker]);
        var key = new ExecutorKey(app.Id, app.NextExecutor);
        var units = ResourceAllotment.Choose(worker.ResourcesFree, app.Description.Resources);
        step.Record(new ExecutorLaunched(key, worker.Id, plan.Cores, plan.MemoryMiB) { Resources = units });
        if (_hosts.TryGetValue(app.Id, out var hosts)) hosts.Add(worker.Id);
        step.Then(() => _log.ExecutorLaunched(key, worker.Id, plan.Cores, plan.MemoryMiB));
        Command(step, worker.Ref,
            new LaunchExecutor(Url, app.Id, key.Number, app.Description, plan.Cores, plan.MemoryMiB, _secrets[app.Id]) { Resources = units });
        step.Send(app.Client, new ExecutorAdded(key.Number, worker.Id, worker.Ref.Address.ToString(), plan.Cores, plan.MemoryMiB));
    }

    // Workers on which executors failed are retried after a pause; until then the executors may run elsewhere.
    private void AwaitNextRest(MasterStep step, DateTimeOffset now)
    {
        _rest?.Dispose();
        _rest = null;
        var ends = step.State.Applications.Values.SelectMany(app => app.Failures.Values).Where(failures => failures.RestsAt(now))
            .Select(failures => failures.RetryAt).ToArray();
        if (ends.Length > 0) _rest = Env.ScheduleOnce(ends.Min() - now, Self, new RestOver());
    }

    private sealed record RestOver;

    private sealed record ScheduleNow;
}
