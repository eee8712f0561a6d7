using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Rpc;
using Sparkish.Validation;

namespace Sparkish.Deploy.Master;

/// <summary>
/// Manages a cluster: its workers, its applications and their executors. Every change is an event that is applied to a <see cref="MasterState"/>; messages to
/// workers and applications follow from it.
/// </summary>
internal sealed class Master(MasterOptions options) : RpcEndpoint
{
    public const string EnvName = "sparkMaster";
    public const string EndpointName = "Master";

    // Each launch takes a few microseconds; between two batches the master handles other messages.
    private const int LaunchesAtOnce = 256;

    private MasterState _state = MasterState.Empty;
    private ILogger _log = NullLogger.Instance;
    private LineBudget _refusals = new(TimeProvider.System);
    private IDisposable? _rest;
    private bool _isScheduling;

    // One log line for each kind of message that a peer may not send, until the peer disconnects.
    private readonly HashSet<(RpcAddress Peer, string Message)> _refused = [];

    private string Url => Self.Address.ToSparkUrl();

    public override void OnStart()
    {
        _log = Env.LoggerFactory.CreateLogger<Master>();
        _refusals = new LineBudget(Env.Time);
        _log.MasterStarted(Url);
    }

    public override void Receive(object message)
    {
        switch (message)
        {
            case IToMaster m when DeployRules.ProblemOf(m) is { } problem: OnInvalid(m, problem); break;
            case RegisterWorker m: OnRegisterWorker(m); break;
            case WorkerLatestState m: OnWorkerLatestState(m); break;
            case RegisterApplication m: OnRegisterApplication(m); break;
            case RestOver: Schedule(); break;
            case ScheduleMore: OnScheduleMore(); break;
            default: base.Receive(message); break;
        }
    }

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case IToMaster m when DeployRules.ProblemOf(m) is { } problem: call.SendFailure(new SparkException($"Refused {m.GetType().Name}: {problem}.")); break;
            case ExecutorStateChanged m: OnExecutorStateChanged(m, call); break;
            case UnregisterApplication m: OnUnregisterApplication(m, call); break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }

    public override void OnDisconnected(RpcAddress remote)
    {
        _refused.RemoveWhere(refused => refused.Peer == remote);
        if (_state.WorkerAt(remote) is { } worker) RemoveWorker(worker, string.Create(CultureInfo.InvariantCulture, $"{remote} got disassociated"));

        // A driver that disconnected without unregistering has finished, as far as the cluster is concerned: its executors are useless.
        if (_state.ApplicationAt(remote) is { } app) EndApplication(app, ApplicationState.Finished);
    }

    public override void OnStop() => _rest?.Dispose();

    public override void OnNetworkError(Exception error, RpcAddress remote) => _log.PeerUnreachable(remote, error.Message);

    private void OnInvalid(IToMaster message, string problem)
    {
        var peer = Sender?.ToString() ?? "this process";
        if (_refusals.TryTake(peer, out var leftOut)) _log.MessageRefused(message.GetType().Name, peer, problem, leftOut);
        switch (message)
        {
            case RegisterWorker { Worker: { } worker } when IsOwn(worker): worker.Send(new RegisterWorkerFailed(problem)); break;
            case RegisterApplication { Client: { } client } when IsOwn(client): client.Send(new ApplicationRemoved($"Refused: {problem}")); break;
            default: break; // no caller waits for a reply
        }
    }

    private void OnRegisterWorker(RegisterWorker m)
    {
        if (IsForAnother(m.Worker.Address, nameof(RegisterWorker))) return;
        if (_state.Workers.TryGetValue(m.Id, out var known) && !IsFrom(known.Peer, Sender))
        {
            m.Worker.Send(new RegisterWorkerFailed($"the id {m.Id} belongs to the worker at {known.Ref.Address}"));
            return;
        }

        if (known is not null)
        {
            m.Worker.Send(new RegisteredWorker(Self, m.MasterAddress, Duplicate: true));
            return;
        }

        if (_state.Workers.Count >= DeployRules.MaxRegistered)
        {
            m.Worker.Send(new RegisterWorkerFailed($"this master has {_state.Workers.Count} workers and accepts no more"));
            return;
        }

        if (_state.WorkerAt(m.Worker.Address) is { } old) RemoveWorker(old, "Worker replaced by a new worker with same address");
        Record(new WorkerAdded(m.Id, m.Worker, m.Host, m.Port, m.Cores, m.MemoryMiB) { Peer = Sender });
        _log.WorkerRegistered(m.Id, m.Cores, m.MemoryMiB);
        m.Worker.Send(new RegisteredWorker(Self, m.MasterAddress, Duplicate: false));
        Schedule();
    }

    private void OnWorkerLatestState(WorkerLatestState m)
    {
        if (IsForAnother(m.Worker.Address, nameof(WorkerLatestState))) return;
        if (!_state.Workers.TryGetValue(m.Id, out var worker))
        {
            _log.UnknownWorkerReported(m.Id);
            m.Worker.Send(new ReconnectWorker(Url));
            return;
        }

        if (!IsFrom(worker.Peer, Sender))
        {
            Refuse(Sender!, nameof(WorkerLatestState));
            return;
        }

        foreach (var executor in m.Executors)
        {
            var key = new ExecutorKey(executor.App, executor.Executor);
            if (worker.Executors.ContainsKey(key)) continue;
            _log.UnknownExecutorReported(m.Id, key);
            m.Worker.Send(new KillExecutor(Url, key.App, key.Number));
        }
    }

    private void OnRegisterApplication(RegisterApplication m)
    {
        if (IsForAnother(m.Client.Address, nameof(RegisterApplication))) return;

        // A client that retries because the first reply was late gets its existing id.
        if (_state.ApplicationAt(m.Client.Address) is not { } app || !IsFrom(app.Peer, Sender))
        {
            if (_state.Applications.Count >= DeployRules.MaxRegistered)
            {
                m.Client.Send(new ApplicationRemoved($"Refused: this master has {_state.Applications.Count} applications and accepts no more"));
                return;
            }

            var id = ApplicationId.Create(Env.Time.GetLocalNow(), _state.NextApplication);
            Record(new ApplicationAdded(id, m.Description, m.Client) { Peer = Sender });
            app = _state.Applications[id];
            _log.ApplicationRegistered(id, m.Description.Name, m.Client.Address);
        }

        m.Client.Send(new RegisteredApplication(app.Id, Self, app.Secret));
        Schedule();
    }

    private void OnUnregisterApplication(UnregisterApplication m, RpcCallContext call)
    {
        if (_state.Applications.TryGetValue(m.App, out var app) && !IsFrom(app.Peer, call.Peer))
        {
            Refuse(call.Peer!, nameof(UnregisterApplication));
            call.SendFailure(new SparkException($"Application {m.App} does not belong to {call.Peer!.Address}: only its own driver may end it."));
            return;
        }

        if (app is not null) EndApplication(app, ApplicationState.Finished);
        call.Reply(true);
    }

    private void OnExecutorStateChanged(ExecutorStateChanged m, RpcCallContext call)
    {
        if (_state.Workers.TryGetValue(m.Worker, out var worker) && !IsFrom(worker.Peer, call.Peer))
        {
            Refuse(call.Peer!, nameof(ExecutorStateChanged));
            call.SendFailure(new SparkException($"Worker {m.Worker} does not belong to {call.Peer!.Address}: only the worker itself may report its executors."));
            return;
        }

        // A worker's report about an executor that it does not run is ignored; so is a report of an unknown worker.
        var key = new ExecutorKey(m.App, m.Executor);
        var known = _state.FindExecutor(key);
        if (worker is null || (known is not null && known.Worker != m.Worker))
        {
            call.Reply(true);
            return;
        }

        // The worker repeats it if its first ask got no reply in time, or reports an executor that runs.
        if (m.State == ExecutorState.Running && known?.State == ExecutorState.Running)
        {
            call.Reply(true);
            if (m.Message is not null) OnExecutorTroubled(key, m);
            return;
        }

        Record(new ExecutorChanged(key, m.Worker, m.State, m.ExitStatus, Env.Time.GetUtcNow()));
        call.Reply(true);

        if (m.State.IsFinished()) _log.ExecutorEnded(key, m.State, m.Message);
        else _log.ExecutorReported(key, m.State);
        if (known is not null) TellApplication(_state.Applications[m.App], m);
        if (m.State.IsFinished()) Schedule();
    }

    private void OnExecutorTroubled(ExecutorKey key, ExecutorStateChanged m)
    {
        _log.ExecutorTroubled(key, m.Worker, m.Message!);
        _state.Applications[m.App].Client.Send(new ExecutorUpdated(m.Executor, m.State, m.Message, m.ExitStatus, WorkerHost: null));
    }

    private void TellApplication(ApplicationInfo app, ExecutorStateChanged m)
    {
        app.Client.Send(new ExecutorUpdated(m.Executor, m.State, m.Message, m.ExitStatus, WorkerHost: null));
        var gaveUp = m.State.IsFinished() && options.MaxExecutorRetries >= 0 && app.RetryCount > 0
            && app.RetryCount >= options.MaxExecutorRetries && !app.HasHopefulExecutor(Env.Time.GetUtcNow());
        if (!gaveUp) return;

        var reason = string.Create(CultureInfo.InvariantCulture,
            $"{app.RetryCount} executors in a row ended without success soon after their start, the last with '{m.Message}'; look at their stderr in the workers' work directories");
        _log.ApplicationFailed(app.Id, reason);
        EndApplication(app, ApplicationState.Failed, reason);
    }

    // Workers on which executors failed are retried after a pause; until then the executors may run elsewhere.
    private void AwaitNextRest(DateTimeOffset now)
    {
        _rest?.Dispose();
        _rest = null;
        var ends = _state.Applications.Values.SelectMany(app => app.Failures.Values).Select(failures => failures.RetryAt).Where(end => end > now).ToArray();
        if (ends.Length > 0) _rest = Env.ScheduleOnce(ends.Min() - now, Self, new RestOver());
    }

    private void RemoveWorker(WorkerInfo worker, string reason)
    {
        var lost = worker.Executors.Keys.Where(key => _state.FindExecutor(key) is not null).ToList();
        Record(new WorkerLost(worker.Id));
        if (lost.Count > 0) _log.WorkerLost(worker.Id, lost.Count, reason);
        else _log.WorkerRemoved(worker.Id, reason);

        foreach (var key in lost)
            _state.Applications[key.App].Client.Send(new ExecutorUpdated(key.Number, ExecutorState.Lost, $"worker lost: {reason}", null, worker.Host));
        foreach (var app in _state.Applications.Values) app.Client.Send(new WorkerRemoved(worker.Id, worker.Host, reason));
        Schedule();
    }

    private void EndApplication(ApplicationInfo app, ApplicationState state, string? reason = null)
    {
        Record(new ApplicationEnded(app.Id, state));
        _log.ApplicationEnded(app.Id, state);

        foreach (var executor in app.Executors.Values) _state.Workers[executor.Worker].Ref.Send(new KillExecutor(Url, app.Id, executor.Number));
        if (state != ApplicationState.Finished) app.Client.Send(new ApplicationRemoved(reason is null ? $"{state}" : $"{state}: {reason}"));
        foreach (var worker in _state.Workers.Values) worker.Ref.Send(new ApplicationFinished(app.Id));
        Schedule();
    }

    private void Schedule()
    {
        var now = Env.Time.GetUtcNow();
        var workers = _state.Workers.Values.Select(worker => new FreeWorker(worker.Id, worker.CoresFree, worker.MemoryFreeMiB));
        var demands = _state.ApplicationsInOrder.Select(app => new ExecutorDemand(app.Id,
            (app.Description.MaxCores ?? options.DefaultCores) - app.CoresGranted, app.Description.CoresPerExecutor, app.Description.MemoryPerExecutorMiB)
        {
            Resting = app.WorkersAtRest(now),
        });
        var plans = ExecutorPlacement.Place(workers, demands, options.SpreadOutApps, LaunchesAtOnce);
        foreach (var plan in plans) Launch(plan);
        AwaitNextRest(now);
        if (plans.Count < LaunchesAtOnce || _isScheduling) return;
        _isScheduling = true;
        Self.Send(new ScheduleMore());
    }

    private void OnScheduleMore()
    {
        _isScheduling = false;
        Schedule();
    }

    private void Launch(ExecutorPlan plan)
    {
        var (app, worker) = (_state.Applications[plan.App], _state.Workers[plan.Worker]);
        var key = new ExecutorKey(app.Id, app.NextExecutor);
        Record(new ExecutorLaunched(key, worker.Id, plan.Cores, plan.MemoryMiB));
        _log.ExecutorLaunched(key, worker.Id, plan.Cores, plan.MemoryMiB);

        worker.Ref.Send(new LaunchExecutor(Url, app.Id, key.Number, app.Description, plan.Cores, plan.MemoryMiB, app.Secret));
        app.Client.Send(new ExecutorAdded(key.Number, worker.Id, worker.Ref.Address.ToString(), plan.Cores, plan.MemoryMiB));
    }

    /// <summary>Whether a message comes from the env that registered its subject. Without a peer it comes from this env itself.</summary>
    private static bool IsFrom(RpcPeer? registered, RpcPeer? sender) => sender is null || registered is null || sender.IsSameEnvAs(registered);

    private static bool IsOwn(RpcEndpointRef registered) => Sender is not { } peer || peer.Address == registered.Address;

    /// <summary>Whether a message registers an endpoint of another env than its sender.</summary>
    private bool IsForAnother(RpcAddress registered, string message)
    {
        if (Sender is not { } peer || peer.Address == registered) return false;
        Refuse(peer, message);
        return true;
    }

    private void Refuse(RpcPeer peer, string message)
    {
        if (_refused.Add((peer.Address, message))) _log.ForeignMessageIgnored(message, peer);
    }

    private void Record(MasterEvent happened) => _state = _state.Apply(happened);

    private sealed record RestOver;

    private sealed record ScheduleMore;
}
