using Sparkish.Deploy.Uploads;
using Sparkish.Rpc;
using Sparkish.Security;

namespace Sparkish.Deploy.Master;

/// <content>Drivers in cluster mode: their submission, their end, and the loss of their worker.</content>
internal sealed partial class Master
{
    // A snapshot of all descriptions must fit into 16 MiB, in up to three bytes for each character.
    private const long MaxDescriptionChars = 3L << 20;

    private static string TooMuch => Text($"this master holds as many descriptions of applications and drivers as its journal can, {MaxDescriptionChars} characters");

    private void OnRequestSubmitDriver(MasterStep step, RequestSubmitDriver m, RpcCallContext call)
    {
        if (step.State.Status != MasterStatus.Alive)
        {
            step.Reply(call, new SubmitDriverResponse(Success: false, null, NotAlive.Text(step.State.Status, "accept driver submissions")));
            return;
        }

        if (step.State.Drivers.Count >= DeployRules.MaxRegistered || IsTooMuch(step, m.Description.Chars))
        {
            step.Reply(call, new SubmitDriverResponse(Success: false, null, $"Refused: {TooMuch} or {DeployRules.MaxRegistered} drivers"));
            return;
        }

        var now = Env.Time.GetUtcNow();
        var id = DriverId.Create(Env.Time.GetLocalNow(), step.State.NextDriver);
        step.Record(new DriverSubmitted(id, m.Description, now) { Realm = call.Peer is { } peer ? peer.Realm : m.Realm });
        step.Then(() => _log.DriverSubmitted(id, m.Description.Command.MainClass));
        if (PackageUrl.TryParse(m.Description.JarUrl) is { } package)
            step.Send(Env.RefTo(new RpcEndpointAddress(Self.Address, UploadServer.EndpointName)), new PackageSubmitted(package.Hash));
        step.Reply(call, new SubmitDriverResponse(Success: true, id, $"Driver successfully submitted as {id}"));
        RequestSchedule(step);
    }

    private void OnRequestKillDriver(MasterStep step, RequestKillDriver m, RpcCallContext call)
    {
        if (step.State.Status != MasterStatus.Alive)
        {
            step.Reply(call, new KillDriverResponse(m.Driver, Success: false, NotAlive.Text(step.State.Status, "kill drivers")));
            return;
        }

        if (!step.State.Drivers.TryGetValue(m.Driver, out var driver))
        {
            step.Reply(call, new KillDriverResponse(m.Driver, Success: false, $"Driver {m.Driver} has already finished or does not exist"));
            return;
        }

        if (!MayKill(driver, call.Peer))
        {
            Refuse(call.Peer!, nameof(RequestKillDriver));
            step.Reply(call, new KillDriverResponse(
                m.Driver, Success: false, $"Driver {m.Driver} was not submitted with this client key: kill it with that key, or with the cluster's secret"));
            return;
        }

        Kill(step, m.Driver);
        step.Reply(call, new KillDriverResponse(m.Driver, Success: true, $"Kill request for {m.Driver} submitted"));
    }

    /// <summary>Whether a peer has submitted a driver, or may end all of them. Without a peer the request comes from this env itself.</summary>
    private static bool MayKill(DriverInfo driver, RpcPeer? peer) =>
        peer is null || Realms.IsOfNodes(peer.Realm) || string.Equals(driver.Realm, peer.Realm, StringComparison.Ordinal);

    private void OnRequestKillAllDrivers(MasterStep step, RpcCallContext call)
    {
        if (step.State.Status != MasterStatus.Alive)
        {
            step.Reply(call, new KillAllDriversResponse(Success: false, NotAlive.Text(step.State.Status, "kill drivers")));
            return;
        }

        foreach (var driver in step.State.Drivers.Keys) Kill(step, driver);
        step.Reply(call, new KillAllDriversResponse(Success: true, "Kill request for all drivers submitted"));
    }

    private void Kill(MasterStep step, DriverId driver)
    {
        var known = step.State.Drivers[driver];
        if (known.Worker is not { } worker)
        {
            EndDriver(step, driver, DriverState.Killed, null);
            return;
        }

        if (!known.IsKillRequested) step.Record(new DriverKillRequested(driver));
        Command(step, step.State.Workers[worker].Ref, new KillDriver(driver));
    }

    private static void OnRequestDriverStatus(MasterStep step, RequestDriverStatus m, RpcCallContext call)
    {
        if (step.State.Status != MasterStatus.Alive)
        {
            step.Reply(call, new DriverStatusResponse(Found: false, null, null, null, NotAlive.Text(step.State.Status, "request driver status")));
            return;
        }

        if (step.State.Drivers.TryGetValue(m.Driver, out var driver))
        {
            var worker = driver.Worker is { } id ? step.State.Workers[id] : null;
            step.Reply(call, new DriverStatusResponse(Found: true, driver.State, worker?.Id, worker?.Ref.Address.ToString(), null)
            {
                Realm = driver.Realm,
            });
            return;
        }

        var completed = step.State.CompletedDrivers.Find(one => one.Id == m.Driver);
        step.Reply(call, new DriverStatusResponse(completed is not null, completed?.State, completed?.Worker, completed?.WorkerHostPort, completed?.Message)
        {
            Realm = completed?.Realm,
        });
    }

    private void OnDriverStateChanged(MasterStep step, DriverStateChanged m, RpcCallContext call)
    {
        if (step.State.Workers.TryGetValue(m.Worker, out var worker) && !IsFrom(worker.Peer, call.Peer))
        {
            RefuseReport(step, m.Worker, call, nameof(DriverStateChanged));
            return;
        }

        if (worker is not null && step.State.Drivers.TryGetValue(m.Driver, out var driver) && driver.Worker == worker.Id)
        {
            EndDriver(step, driver.Id, m.State, m.Message);
            RequestSchedule(step);
        }
        else if (worker?.Drivers.ContainsKey(m.Driver) is true)
        {
            step.Record(new DriverGone(m.Driver, worker.Id));
            RequestSchedule(step);
        }

        step.Reply(call, true);
    }

    private void EndDriver(MasterStep step, DriverId driver, DriverState state, string? message)
    {
        step.Record(new DriverEnded(driver, state, message));
        step.Then(() => _log.DriverEnded(driver, state, message));
        ForgetOldest(step);
    }

    private void RelaunchOrEnd(MasterStep step, DriverId driver, string reason)
    {
        if (step.State.Drivers[driver] is { Description.Supervise: true } or { IsKillRequested: true }) Relaunch(step, driver);
        else EndDriver(step, driver, DriverState.Error, reason);
    }

    /// <summary>
    /// Submits a driver again, unless it was killed. It gets another id: should the first one still run, nobody takes it for this one.
    /// </summary>
    private void Relaunch(MasterStep step, DriverId driver)
    {
        if (step.State.Drivers[driver].IsKillRequested)
        {
            EndDriver(step, driver, DriverState.Killed, null);
            RequestSchedule(step);
            return;
        }

        var id = DriverId.Create(Env.Time.GetLocalNow(), step.State.NextDriver);
        step.Record(new DriverRelaunched(driver, id, Env.Time.GetUtcNow()));
        step.Then(() => _log.DriverRelaunched(driver, id));
        ForgetOldest(step);
        RequestSchedule(step);
    }

    private static void OnClearCompleted(MasterStep step, RpcCallContext call)
    {
        var (apps, drivers) = (step.State.CompletedApplications.Count, step.State.CompletedDrivers.Count);
        if (apps + drivers > 0) step.Record(new HistoryForgotten(apps, drivers));
        step.Reply(call, true);
    }

    /// <summary>Keeps the history short: a tenth of it at once, like Spark.</summary>
    private void ForgetOldest(MasterStep step)
    {
        var apps = Excess(step.State.CompletedApplications.Count, options.RetainedApplications);
        var drivers = Excess(step.State.CompletedDrivers.Count, options.RetainedDrivers);
        if (apps + drivers > 0) step.Record(new HistoryForgotten(apps, drivers));

        static int Excess(int count, int retained) => count <= retained ? 0 : Math.Max(1, retained / 10);
    }

    private static string[] NeededPackages(MasterState state) =>
        [.. state.Drivers.Values.Select(static driver => PackageUrl.TryParse(driver.Description.JarUrl)?.Hash).OfType<string>().Distinct()];

    private static bool IsTooMuch(MasterStep step, long chars) => step.State.DescriptionChars + chars > MaxDescriptionChars;
}
