using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy.Recovery;
using Sparkish.Deploy.Uploads;
using Sparkish.Persistence;
using Sparkish.Persistence.EventSourcing;
using Sparkish.Rpc;
using Sparkish.Validation;

namespace Sparkish.Deploy.Master;

/// <summary>
/// Manages a cluster during one term as its leader: its workers, its applications with their executors, and its drivers. Every change is an event in a journal
/// that is applied to a <see cref="MasterState"/>; messages to workers and applications follow once the event is durable.
/// </summary>
/// <param name="options">Its settings.</param>
/// <param name="term">Its term as leader. When that has ended it sends nothing more.</param>
/// <param name="store">Holds the journal of the masters.</param>
internal sealed partial class Master(MasterOptions options, ILeaderTerm term, IJournalStore store) : EventSourcedEndpoint<MasterState, MasterEvent>(
    new(store, RecoveryMode.Name, MasterEvent.Schema)
    {
        Epoch = term.Epoch,
        SnapshotEvery = store is NoJournalStore ? 0 : options.EventsPerSnapshot,
        MaxWaiting = MaxWaitingMessages,
    })
{
    public const string EnvName = "sparkMaster";
    public const string EndpointName = "Master";

    // A registration of thousands of workers and the reports of their executors wait while the journal writes.
    private const int MaxWaitingMessages = 200_000;

    // One log line for each kind of message that a peer may not send, until the peer disconnects.
    private readonly HashSet<(RpcAddress Peer, string Message)> _refused = [];
    private ILogger _log = NullLogger.Instance;
    private LineBudget _refusals = new(TimeProvider.System);

    protected override MasterState InitialState => MasterState.Empty;

    private string Url => Self.Address.ToSparkUrl();

    protected override MasterState Apply(MasterState state, MasterEvent @event) => state.Apply(@event);

    protected override void OnRecovered(MasterState state)
    {
        _log = Env.LoggerFactory.CreateLogger<Master>();
        _refusals = new LineBudget(Env.Time);
        _random = Env.NewRandom();
        _leader = _random.NextInt64(1, long.MaxValue);
        _log.MasterStarted(Url, Epoch);
        StartTicking();
    }

    protected override Effect<MasterState, MasterEvent> Handle(MasterState state, object command)
    {
        if (!term.IsCurrent) return None.ThenStop();
        var step = new MasterStep(state);
        if (state.Leader != _leader) OnElected(step);
        switch (command)
        {
            case IToMaster m when DeployRules.ProblemOf(m) is { } problem: OnInvalid(m, problem, step); break;
            case RegisterWorker m: OnRegisterWorker(step, m); break;
            case Heartbeat m: OnHeartbeat(step, m); break;
            case WorkerLatestState m: OnWorkerLatestState(step, m); break;
            case WorkerSchedulerStateResponse m: OnWorkerSchedulerStateResponse(step, m); break;
            case WorkerDecommissioning m: OnWorkerDecommissioning(step, m); break;
            case RegisterApplication m: OnRegisterApplication(step, m); break;
            case ApplicationHeartbeat m: OnApplicationHeartbeat(step, m); break;
            case MasterChangeAcknowledged m: OnMasterChangeAcknowledged(step, m); break;
            case PeerLost m: OnPeerLost(step, m); break;
            case Tick: OnTick(step); break;
            case ScheduleNow: OnScheduleNow(step); break;
            case RestOver: RequestSchedule(step); break;
            default: return base.Handle(state, command);
        }

        return EffectOf(step);
    }

    protected override Effect<MasterState, MasterEvent> HandleAndReply(MasterState state, object command, RpcCallContext call)
    {
        if (!term.IsCurrent) return None.ThenStop();
        var step = new MasterStep(state);
        if (state.Leader != _leader) OnElected(step);
        switch (command)
        {
            case IToMaster m when DeployRules.ProblemOf(m) is { } problem: step.Fail(call, new SparkException($"Refused {m.GetType().Name}: {problem}.")); break;
            case ExecutorStateChanged m: OnExecutorStateChanged(step, m, call); break;
            case DriverStateChanged m: OnDriverStateChanged(step, m, call); break;
            case UnregisterApplication m: OnUnregisterApplication(step, m, call); break;
            case RequestExecutors m: OnRequestExecutors(step, m, call); break;
            case KillExecutors m: OnKillExecutors(step, m, call); break;
            case RequestSubmitDriver m: OnRequestSubmitDriver(step, m, call); break;
            case RequestKillDriver m: OnRequestKillDriver(step, m, call); break;
            case RequestKillAllDrivers: OnRequestKillAllDrivers(step, call); break;
            case RequestDriverStatus m: OnRequestDriverStatus(step, m, call); break;
            case RequestClearCompletedDriversAndApps: OnClearCompleted(step, call); break;
            case DecommissionWorkersOnHosts m: OnDecommissionWorkersOnHosts(step, m, call); break;
            case RequestReadyz: step.Reply(call, true); break;
            case RequestNeededPackages: step.Reply(call, NeededPackages(step.State)); break;
            case RequestMasterState: step.Reply(call, MasterReport.Of(step.State, Self.Address)); break;
            default: return base.HandleAndReply(state, command, call);
        }

        return EffectOf(step);
    }

    /// <summary>A store that fails may come back; then a new instance reads the journal. Meanwhile messages wait.</summary>
    public override ErrorDirective OnError(Exception error) => error is JournalException ? ErrorDirective.Restart : base.OnError(error);

    public override void OnDisconnected(RpcAddress remote)
    {
        _refused.RemoveWhere(refused => refused.Peer == remote);
        Self.Send(new PeerLost(remote)); // it may have registered in a step that is not durable yet
    }

    public override void OnNetworkError(Exception error, RpcAddress remote) => _log.PeerUnreachable(remote, error.Message);

    protected override void OnStopped()
    {
        _rest?.Dispose();
        _ticks?.Dispose();
    }

    private Effect<MasterState, MasterEvent> EffectOf(MasterStep step)
    {
        foreach (var worker in step.Workers) _changedWorkers.Add(worker);
        return step.ToEffect(IsLeading);
    }

    private bool IsLeading() => term.IsCurrent;

    private void OnInvalid(IToMaster message, string problem, MasterStep step)
    {
        var peer = Sender?.ToString() ?? "this process";
        if (_refusals.TryTake(peer, out var leftOut)) _log.MessageRefused(message.GetType().Name, peer, problem, leftOut);
        switch (message)
        {
            case RegisterWorker { Worker: { } worker } when IsOwn(worker): Command(step, worker, new RegisterWorkerFailed(problem)); break;
            case RegisterApplication { Client: { } client } when IsOwn(client): Reject(step, client, $"Refused: {problem}"); break;
            default: break; // no caller waits for a reply
        }
    }

    private MasterEpoch EpochOf(MasterStep step) => new(step.State.Journal, Epoch);

    private void Command(MasterStep step, RpcEndpointRef worker, MasterCommand command) => step.Send(worker, command with { Epoch = EpochOf(step) });

    private void Reject(MasterStep step, RpcEndpointRef client, string message) => step.Send(client, new ApplicationRemoved(message) { Epoch = EpochOf(step) });

    /// <summary>Whether a message comes from the env that registered its subject. Without a peer it comes from this env itself.</summary>
    private static bool IsFrom(RegisteredEnv? registered, RpcPeer? sender) => sender is null || registered is null || registered.Is(sender);

    private static bool IsOwn(RpcEndpointRef registered) => Sender is not { } peer || peer.Address == registered.Address;

    /// <summary>Whether a message registers an endpoint of another env than its sender.</summary>
    private bool IsForAnother(RpcAddress registered, string message)
    {
        if (Sender is not { } peer || peer.Address == registered) return false;
        Refuse(peer, message);
        return true;
    }

    private void RefuseReport(MasterStep step, WorkerId worker, RpcCallContext call, string message)
    {
        var asker = call.Peer!;
        Refuse(asker, message);
        step.Fail(call, new SparkException($"Worker {worker} does not belong to {asker.Address}: only the worker itself may report what it runs."));
    }

    private void Refuse(RpcPeer peer, string message)
    {
        if (_refused.Add((peer.Address, message))) _log.ForeignMessageIgnored(message, peer);
    }
}
