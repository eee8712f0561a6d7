using System.Collections.Immutable;

namespace Sparkish.Deploy.Master;

/// <content>What runs on the workers: applications, their executors, and drivers.</content>
internal sealed partial record MasterState
{
    private MasterState After(ApplicationAdded e) => Applications.ContainsKey(e.App) || DeployRules.OfApplication(e.App) is not null
        ? throw Impossible(e)
        : this with
        {
            Applications = Applications.Add(
                e.App, new ApplicationInfo(e.App, NextApplication, e.Description, e.Client) { Peer = e.Peer, Started = e.At }),
            ApplicationsAt = ApplicationsAt.SetItem(e.Client.Address, e.App),
            NextApplication = NextApplication + 1,
            DescriptionChars = DescriptionChars + e.Description.Chars,
        };

    private MasterState After(ApplicationRecovered e)
    {
        var app = Find(e.App, e);
        var recovered = With(app with { State = app.Executors.IsEmpty ? ApplicationState.Waiting : ApplicationState.Running });
        return app.State == ApplicationState.Unknown ? recovered with { Unknown = Unknown - 1 } : recovered;
    }

    private MasterState After(ApplicationEnded e)
    {
        var app = Find(e.App, e);
        if (!e.State.IsFinished()) throw Impossible(e);
        return this with
        {
            Applications = Applications.Remove(e.App),
            ApplicationsAt = ApplicationsAt.Contains(new(app.Client.Address, app.Id)) ? ApplicationsAt.Remove(app.Client.Address) : ApplicationsAt,
            Unknown = app.State == ApplicationState.Unknown ? Unknown - 1 : Unknown,
            DescriptionChars = DescriptionChars - app.Description.Chars,
            CompletedApplications = CompletedApplications.Add(new CompletedApplication(
                app.Id, app.Description.Name, app.Description.User, e.State, app.Description.MemoryPerExecutorMiB, app.Started, e.At)),
        };
    }

    private MasterState After(ExecutorLaunched e)
    {
        var (key, worker, app) = (e.Executor, Find(e.Worker, e), Find(e.Executor.App, e));
        var resources = new ExecutorResources(e.Cores, e.MemoryMiB) { Units = e.Resources };
        if (key.Number != app.NextExecutor || !worker.Fits(resources)) throw Impossible(e);

        return With(worker.Take(key, resources)).With(app with
        {
            State = ApplicationState.Running,
            NextExecutor = key.Number + 1,
            CoresGranted = app.CoresGranted + e.Cores,
            Executors = app.Executors.Add(key.Number, new ExecutorInfo(key.Number, worker.Id, e.Cores, e.MemoryMiB, ExecutorState.Launching)),
        });
    }

    private MasterState After(ExecutorChanged e)
    {
        var workers = Workers;
        if (e.State.IsFinished() && workers.TryGetValue(e.Worker, out var worker)) workers = workers.SetItem(worker.Id, worker.Release(e.Executor));
        if (FindExecutor(e.Executor) is not { } executor) return this with { Workers = workers };
        if (e.State == ExecutorState.Running && executor.State != ExecutorState.Launching) throw Impossible(e);

        var app = Applications[e.Executor.App];
        app = e.State.IsFinished()
            ? app.Without(executor.Number) with { RetryCount = RetriesAfter(app.RetryCount, executor, e), Failures = FailuresAfter(app.Failures, executor, e) }
            : app with
            {
                Executors = app.Executors.SetItem(executor.Number, executor with
                {
                    State = e.State,
                    RunningSince = e.State == ExecutorState.Running ? e.At : executor.RunningSince,
                }),
            };
        return this with { Workers = workers, Applications = Applications.SetItem(app.Id, app) };
    }

    private MasterState After(DriverSubmitted e) => Drivers.ContainsKey(e.Driver) || DeployRules.OfDriver(e.Driver) is not null
        ? throw Impossible(e)
        : WithDriver(new DriverInfo(e.Driver, NextDriver, e.Description, e.At) { Realm = e.Realm });

    private MasterState After(DriverLaunched e)
    {
        var (driver, worker) = (Find(e.Driver, e), Find(e.Worker, e));
        var resources = new ExecutorResources(driver.Description.Cores, driver.Description.MemoryMiB) { Units = e.Resources };
        if (driver.Worker is not null || !worker.Fits(resources)) throw Impossible(e);
        return With(worker.Take(driver.Id, resources)) with { Drivers = Drivers.SetItem(driver.Id, driver with { Worker = worker.Id }) };
    }

    private MasterState After(DriverEnded e) => e.State.IsEnd() ? Without(Find(e.Driver, e), e.State, e.Message) : throw Impossible(e);

    private MasterState After(DriverRelaunched e)
    {
        var driver = Find(e.Driver, e);
        return Without(driver, DriverState.Relaunching, DriverStates.RelaunchedAs(e.As))
            .WithDriver(new DriverInfo(e.As, NextDriver, driver.Description, e.At) { Realm = driver.Realm });
    }

    private MasterState WithDriver(DriverInfo driver) => this with
    {
        Drivers = Drivers.Add(driver.Id, driver),
        NextDriver = NextDriver + 1,
        DescriptionChars = DescriptionChars + driver.Description.Chars,
    };

    private MasterState Without(DriverInfo driver, DriverState state, string? message) => this with
    {
        Drivers = Drivers.Remove(driver.Id),
        DescriptionChars = DescriptionChars - driver.Description.Chars,
        Workers = driver.Worker is { } id && Workers.TryGetValue(id, out var worker) ? Workers.SetItem(id, worker.Release(driver.Id)) : Workers,
        CompletedDrivers = CompletedDrivers.Add(new CompletedDriver(driver.Id, state, driver.Description.Command.MainClass, driver.Submitted, message)
        {
            Worker = driver.Worker,
            WorkerHostPort = driver.Worker is { } ran && Workers.TryGetValue(ran, out var last) ? last.Ref.Address.ToString() : null,
            Realm = driver.Realm,
        }),
    };

    private static int RetriesAfter(int retries, ExecutorInfo executor, ExecutorChanged end)
    {
        var before = executor.IsProven(end.At) ? 0 : retries;
        return end.ExitStatus == 0 ? before : before + 1;
    }

    private static ImmutableDictionary<WorkerId, WorkerFailures> FailuresAfter(
        ImmutableDictionary<WorkerId, WorkerFailures> failures, ExecutorInfo executor, ExecutorChanged end)
    {
        if (executor.IsProven(end.At)) return failures.Remove(executor.Worker);
        if (end.ExitStatus == 0 || end.State == ExecutorState.Killed) return failures;
        return failures.SetItem(executor.Worker, WorkerFailures.After(failures.GetValueOrDefault(executor.Worker), end.At));
    }
}
