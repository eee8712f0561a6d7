using System.Globalization;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Master;

/// <content>Applications and their executors.</content>
internal sealed partial class Master
{
    // The journal does not hold them: an application tells its own to each leader.
    private readonly Dictionary<ApplicationId, ApplicationSecret> _secrets = [];

    // The workers that have run executors of an application. Those of an application of an earlier leader are not known: it may have run on any.
    private readonly Dictionary<ApplicationId, HashSet<WorkerId>> _hosts = [];

    private void OnRegisterApplication(MasterStep step, RegisterApplication m)
    {
        if (IsForAnother(m.Client.Address, nameof(RegisterApplication))) return;

        // A client that retries because the first reply was late gets its existing id.
        var app = step.State.ApplicationAt(m.Client.Address);
        if (app is null || !IsFrom(app.Peer, Sender))
        {
            if (step.State.Applications.Count >= DeployRules.MaxRegistered)
            {
                Reject(step, m.Client, $"Refused: this master has {step.State.Applications.Count} applications and accepts no more");
                return;
            }

            if (IsTooMuch(step, m.Description.Chars))
            {
                Reject(step, m.Client, $"Refused: {TooMuch}");
                return;
            }

            // The env of an earlier application at this address is gone, unless one of both lies. It has the usual time to be heard of.
            if (app is not null) ApplicationSigns.Lost(app.Id);
            var id = ApplicationId.Create(Env.Time.GetLocalNow(), step.State.NextApplication);
            step.Record(new ApplicationAdded(id, m.Description, m.Client) { Peer = RegisteredEnv.Of(Sender), At = Env.Time.GetUtcNow() });
            app = step.State.Applications[id];
            _secrets[id] = ApplicationSecret.New();
            _hosts[id] = [];
            step.Then(() => _log.ApplicationRegistered(id, m.Description.Name, m.Client.Address));
        }

        ApplicationSigns.Heard(app.Id);
        if (app.State == ApplicationState.Unknown || !_secrets.TryGetValue(app.Id, out var secret))
        {
            // It may not know its id: the reply of the leader that registered it may have been lost.
            step.Send(app.Client, new MasterChanged(Self) { Epoch = EpochOf(step), App = app.Id });
            return;
        }

        step.Send(m.Client, new RegisteredApplication(app.Id, Self, secret) { Epoch = EpochOf(step) });
        RequestSchedule(step);
    }

    private void OnApplicationHeartbeat(MasterStep step, ApplicationHeartbeat m)
    {
        if (IsForAnother(m.Client.Address, nameof(ApplicationHeartbeat))) return;
        var epoch = EpochOf(step);
        if (!step.State.Applications.TryGetValue(m.App, out var app))
        {
            // An application of another journal is not this master's to remove.
            if (epoch.IsSameOrLaterThan(m.Epoch)) Reject(step, m.Client, "it was silent for too long, or has ended");
            return;
        }

        if (!IsFrom(app.Peer, Sender)) return;
        ApplicationSigns.Heard(app.Id);
        if (app.State == ApplicationState.Unknown || m.Epoch.IsOlderThan(epoch)) step.Send(app.Client, new MasterChanged(Self) { Epoch = epoch });
    }

    private void OnUnregisterApplication(MasterStep step, UnregisterApplication m, RpcCallContext call)
    {
        if (!MayChange(step, m.App, call, nameof(UnregisterApplication), out var app)) return;
        if (app is not null) EndApplication(step, app, ApplicationState.Finished);
        step.Reply(call, true);
    }

    private void OnRequestExecutors(MasterStep step, RequestExecutors m, RpcCallContext call)
    {
        if (!MayChange(step, m.App, call, nameof(RequestExecutors), out var app)) return;
        if (app is not null && app.ExecutorLimit != m.Total)
        {
            step.Record(new ExecutorLimitChanged(app.Id, m.Total));
            RequestSchedule(step);
        }

        step.Reply(call, app is not null);
    }

    private void OnKillExecutors(MasterStep step, KillExecutors m, RpcCallContext call)
    {
        if (!MayChange(step, m.App, call, nameof(KillExecutors), out var app)) return;
        foreach (var number in m.Executors.Distinct())
        {
            if (app is null || !step.State.Applications[app.Id].Executors.TryGetValue(number, out var executor)) continue;
            step.Record(new ExecutorReleased(new ExecutorKey(app.Id, number)));
            Command(step, step.State.Workers[executor.Worker].Ref, new KillExecutor(Url, app.Id, number));
        }

        RequestSchedule(step);
        step.Reply(call, app is not null);
    }

    /// <summary>Whether an ask about an application comes from its own driver; if not, the ask fails.</summary>
    /// <param name="step">The step of the ask.</param>
    /// <param name="id">The application.</param>
    /// <param name="call">The ask.</param>
    /// <param name="message">The kind of the ask.</param>
    /// <param name="app">The application; null if it is not known.</param>
    private bool MayChange(MasterStep step, ApplicationId id, RpcCallContext call, string message, out ApplicationInfo? app)
    {
        app = step.State.Applications.GetValueOrDefault(id);
        if (app is null || IsFrom(app.Peer, call.Peer)) return true;
        var asker = call.Peer!;
        Refuse(asker, message);
        step.Fail(call, new SparkException($"Application {id} does not belong to {asker.Address}: only its own driver may end it or change its executors."));
        return false;
    }

    private void OnExecutorStateChanged(MasterStep step, ExecutorStateChanged m, RpcCallContext call)
    {
        if (step.State.Workers.TryGetValue(m.Worker, out var worker) && !IsFrom(worker.Peer, call.Peer))
        {
            RefuseReport(step, m.Worker, call, nameof(ExecutorStateChanged));
            return;
        }

        var key = new ExecutorKey(m.App, m.Executor);
        if (worker is not null) OnExecutorChanged(step, worker.Id, key, m.State, m.Message, m.ExitStatus);
        step.Reply(call, true);
    }

    private void OnExecutorChanged(MasterStep step, WorkerId worker, ExecutorKey key, ExecutorState state, string? message, int? exitStatus)
    {
        // A worker's report about an executor that it does not run is ignored.
        var known = step.State.FindExecutor(key);
        if (known is not null && known.Worker != worker) return;

        // The worker repeats it if its first ask got no reply in time, or reports an executor that runs.
        if (state == ExecutorState.Running && known is null or { State: not ExecutorState.Launching })
        {
            if (known is not null && message is not null) OnExecutorTroubled(step, key, worker, message);
            return;
        }

        if (known is null && !step.State.Workers[worker].Executors.ContainsKey(key)) return; // it was reported before
        step.Record(new ExecutorChanged(key, worker, state, exitStatus, Env.Time.GetUtcNow()));
        step.Then(() =>
        {
            if (state.IsFinished()) _log.ExecutorEnded(key, state, message);
            else _log.ExecutorReported(key, state);
        });
        if (known is not null) TellApplication(step, step.State.Applications[key.App], key, state, message, exitStatus);
        else if (step.State.Workers[worker].IsDecommissioned && step.State.Applications.TryGetValue(key.App, out var app))
            step.Send(app.Client, new ExecutorUpdated(key.Number, state, message, exitStatus, WorkerHost: null));
        if (state.IsFinished()) RequestSchedule(step);
    }

    private void OnExecutorTroubled(MasterStep step, ExecutorKey key, WorkerId worker, string message)
    {
        step.Then(() => _log.ExecutorTroubled(key, worker, message));
        step.Send(step.State.Applications[key.App].Client, new ExecutorUpdated(key.Number, ExecutorState.Running, message, null, WorkerHost: null));
    }

    private void TellApplication(MasterStep step, ApplicationInfo app, ExecutorKey key, ExecutorState state, string? message, int? exitStatus)
    {
        step.Send(app.Client, new ExecutorUpdated(key.Number, state, message, exitStatus, WorkerHost: null));
        var gaveUp = state.IsFinished() && options.MaxExecutorRetries >= 0 && app.RetryCount > 0
            && app.RetryCount >= options.MaxExecutorRetries && !app.HasHopefulExecutor(Env.Time.GetUtcNow());
        if (!gaveUp) return;

        var reason = string.Create(CultureInfo.InvariantCulture,
            $"{app.RetryCount} executors in a row ended without success soon after their start, the last with '{message}'; look at their stderr in the workers' work directories");
        step.Then(() => _log.ApplicationFailed(app.Id, reason));
        EndApplication(step, app, ApplicationState.Failed, reason);
    }

    private void EndApplication(MasterStep step, ApplicationInfo app, ApplicationState state, string? reason = null)
    {
        step.Record(new ApplicationEnded(app.Id, state) { At = Env.Time.GetUtcNow() });
        step.Then(() =>
        {
            _log.ApplicationEnded(app.Id, state);
            _secrets.Remove(app.Id);
            _hosts.Remove(app.Id);
        });
        ApplicationSigns.Forget(app.Id);

        foreach (var executor in app.Executors.Values)
            Command(step, step.State.Workers[executor.Worker].Ref, new KillExecutor(Url, app.Id, executor.Number));
        if (state != ApplicationState.Finished) Reject(step, app.Client, reason is null ? $"{state}" : $"{state}: {reason}");
        foreach (var worker in HostsOf(step.State, app.Id)) Command(step, worker.Ref, new ApplicationFinished(app.Id));
        ForgetOldest(step);
        RequestSchedule(step);
    }

    private IEnumerable<WorkerInfo> HostsOf(MasterState state, ApplicationId app) => _hosts.TryGetValue(app, out var workers)
        ? workers.Select(worker => state.Workers.GetValueOrDefault(worker)).OfType<WorkerInfo>()
        : state.Workers.Values;

    private bool MayHaveRunOn(ApplicationId app, WorkerId worker) => !_hosts.TryGetValue(app, out var workers) || workers.Contains(worker);
}
