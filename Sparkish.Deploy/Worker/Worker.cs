using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Rpc;
using Sparkish.Security;
using Sparkish.Validation;

namespace Sparkish.Deploy.Worker;

/// <summary>Offers a machine's cores and memory to a master, and runs executors and drivers for it.</summary>
/// <param name="options">Its resources, and its masters.</param>
/// <param name="launcher">Starts executors; owned by the caller.</param>
/// <param name="keyring">Decides which executors may connect.</param>
/// <param name="onGiveUp">Called once with a reason when the worker cannot continue.</param>
/// <param name="drivers">Starts drivers; owned by the caller. Without it, the worker gets none.</param>
internal sealed partial class Worker(
    WorkerOptions options, IExecutorLauncher launcher, Keyring keyring, Action<string> onGiveUp, IDriverLauncher? drivers = null) : RpcEndpoint
{
    public const string EnvName = "sparkWorker";
    public const string EndpointName = "Worker";

    // Peers that gave orders and are not this worker's master: one log line each until they disconnect.
    private readonly HashSet<RpcAddress> _strangers = [];
    private ILogger _log = NullLogger.Instance;
    private LineBudget _refusals = new(TimeProvider.System);
    private WorkerId _id;
    private Phase _phase = new Registering();

    /// <summary>Called once when the worker was decommissioned and nothing runs on it any more.</summary>
    public Action OnDecommissioned { get; init; } = static () => { };

    public override void OnStart()
    {
        _log = Env.LoggerFactory.CreateLogger<Worker>();
        _refusals = new LineBudget(Env.Time);
        _id = WorkerId.Create(Env.Time.GetLocalNow(), Self.Address.Host, Self.Address.Port);
        _log.WorkerStarted(_id, options.Cores, options.MemoryMiB);
        _heartbeats = Env.ScheduleRepeatedly(options.HeartbeatInterval, options.HeartbeatInterval, Self, new HeartbeatDue());
        StartRegistration();
    }

    public override void Receive(object message)
    {
        switch (_phase, message)
        {
            case (_, IToWorker m) when !IsFromMaster(m): OnForeignCommand(message.GetType().Name, Sender!); break;
            case (_, IToWorker m) when DeployRules.ProblemOf(m) is { } problem: OnInvalid(m, problem); break;
            case (not Ended, IToWorker m) when IsStale(m): OnStaleCommand(m); break;
            case (Registering or Registered, RegisteredWorker m): OnRegisteredWorker(m); break;
            case (Registering or Registered, MasterChanged m): OnMasterChanged(m); break;
            case (Registering or Registered, ReconnectWorker): StartRegistration(); break;
            case (Registering, RegisterWorkerFailed m): GiveUp($"The master refused this worker: {m.Message}"); break;
            case (Registering p, RegistrationDue m) when m.Attempt == p.Attempts: OnRegistrationDue(p); break;
            case (not Ended, HeartbeatDue): SendHeartbeats(); break;

            case (Registered p, LaunchExecutor m) when IsOf(p, m.MasterUrl): OnLaunchExecutor(m); break;
            case (Registered p, KillExecutor m) when IsOf(p, m.MasterUrl): OnKillExecutor(m); break;
            case (Registered, LaunchDriver m): OnLaunchDriver(m); break;
            case (Registered, KillDriver m): OnKillDriver(m); break;
            case (Registered p, DecommissionWorker): OnDecommissionWorker(p); break;
            case (Registering or Registered, DecommissionRequested): OnDecommissionRequested(); break;
            case (Registered p, StateSyncFailed m) when m.Master == p: OnStateSyncFailed(m); break;
            case (Registered p, StateSyncDue m) when m.Master == p: Sync(p, m.Report, m.Attempt); break;

            case (_, StateSynced m): OnStateSynced(m); break;
            case (_, LaunchExecutor m): _log.ForeignCommandIgnored(nameof(LaunchExecutor), new ExecutorKey(m.App, m.Executor), m.MasterUrl); break;
            case (_, KillExecutor m): _log.ForeignCommandIgnored(nameof(KillExecutor), new ExecutorKey(m.App, m.Executor), m.MasterUrl); break;
            case (_, ApplicationFinished m): OnApplicationFinished(m); break;
            case (_, ExecutorStarted m): OnExecutorStarted(m); break;
            case (_, ExecutorEnded m): OnExecutorEnded(m); break;
            case (_, OutputLost m): OnOutputLost(m); break;
            case (_, DriverRunEnded m): OnDriverRunEnded(m); break;

            // Late messages, or messages for an earlier registration.
            case (_, IToWorker or DecommissionRequested or RegistrationDue or StateSyncFailed or StateSyncDue or HeartbeatDue): break;
            default: base.Receive(message); break;
        }
    }

    public override void OnConnected(RpcAddress remote) => _unreachable.Remove(remote);

    public override void OnDisconnected(RpcAddress remote)
    {
        _strangers.Remove(remote);
        if (_phase is not Registered { Master: var master } || master.Address != remote) return;
        _log.MasterLost(remote);
        StartRegistration();
    }

    public override void OnNetworkError(Exception error, RpcAddress remote)
    {
        // Heartbeats try every master again and again: one line until it is there.
        if (_unreachable.Add(remote)) _log.PeerUnreachable(remote, error.Message);
        if (_phase is not Registering phase || !options.Masters.Contains(remote) || !phase.Unreachable.Add(remote)) return;

        // No master is left that could answer the last attempt.
        if (phase.Attempts >= options.MaxRegistrationAttempts && phase.Unreachable.Count == options.Masters.Distinct().Count()) OnRegistrationDue(phase);
    }

    public override void OnStop()
    {
        (_phase as Registering)?.Timer?.Dispose();
        _heartbeats?.Dispose();
    }

    private void OnInvalid(IToWorker message, string problem)
    {
        var peer = Sender?.ToString() ?? "this process";
        if (_refusals.TryTake(peer, out var leftOut)) _log.MessageRefused(message.GetType().Name, peer, problem, leftOut);
    }

    /// <summary>
    /// Whether a message comes from one of this worker's masters, over a connection that this worker dialled, since any peer can dial it and claim to be a
    /// master. Orders come from the master that it is registered with; another one may only announce that it leads now. Without a peer a message comes from
    /// this env itself.
    /// </summary>
    private bool IsFromMaster(IToWorker message)
    {
        if (Sender is not { } peer) return true;
        if (peer.DialledAs is not { } dialled || !options.Masters.Contains(dialled)) return false;
        return (_phase as Registered)?.Peer?.IsSameEnvAs(peer) is not false || message is MasterChanged or ReconnectWorker or MasterInStandby;
    }

    private void OnForeignCommand(string command, RpcPeer peer)
    {
        if (_strangers.Add(peer.Address)) _log.StrangersCommandIgnored(command, peer);
    }

    private static bool IsOf(Registered phase, string masterUrl) => string.Equals(masterUrl, phase.Master.Address.ToSparkUrl(), StringComparison.Ordinal);

    private void GiveUp(string reason)
    {
        EnterPhase(new Ended());
        _log.GaveUp(reason);
        onGiveUp(reason);
        Stop();
    }

    private void EnterPhase(Phase next)
    {
        (_phase as Registering)?.Timer?.Dispose();
        _phase = next;
    }

    private abstract class Phase;

    /// <summary>No master has accepted the worker, or its master is lost.</summary>
    private sealed class Registering : Phase
    {
        public int Attempts { get; set; }

        /// <summary>The masters that the last attempt could not reach.</summary>
        public HashSet<RpcAddress> Unreachable { get; } = [];

        public IDisposable? Timer { get; set; }
    }

    private sealed class Registered(RpcEndpointRef master, RpcPeer? peer) : Phase
    {
        public RpcEndpointRef Master { get; } = master;

        public RpcPeer? Peer { get; } = peer;

        /// <summary>Whether the master sends no new work any more.</summary>
        public bool KnowsOfDecommission { get; set; }
    }

    /// <summary>The worker has given up, or was decommissioned and is idle.</summary>
    private sealed class Ended : Phase;
}
