using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Diagnostics;
using Sparkish.Executor;
using Sparkish.Rpc;
using Sparkish.Security;
using Sparkish.Validation;

namespace Sparkish.Deploy.Worker;

/// <summary>Offers a machine's cores and memory to a master, and runs executors for it.</summary>
/// <param name="options">Its resources, and its masters.</param>
/// <param name="launcher">Starts executors; owned by the caller.</param>
/// <param name="keyring">Decides which executors may connect.</param>
/// <param name="onGiveUp">Called once with a reason when the worker cannot continue.</param>
internal sealed class Worker(WorkerOptions options, IExecutorLauncher launcher, Keyring keyring, Action<string> onGiveUp) : RpcEndpoint
{
    public const string EnvName = "sparkWorker";
    public const string EndpointName = "Worker";
    private static readonly TimeSpan StateSyncPause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<ExecutorKey, ManagedExecutor> _executors = [];

    // Peers that gave orders and are not this worker's master: one log line each until they disconnect.
    private readonly HashSet<RpcAddress> _strangers = [];
    private ILogger _log = NullLogger.Instance;
    private LineBudget _refusals = new(TimeProvider.System);
    private WorkerId _id;
    private Phase _phase = new Registering();

    public override void OnStart()
    {
        _log = Env.LoggerFactory.CreateLogger<Worker>();
        _refusals = new LineBudget(Env.Time);
        _id = WorkerId.Create(Env.Time.GetLocalNow(), Self.Address.Host, Self.Address.Port);
        _log.WorkerStarted(_id, options.Cores, options.MemoryMiB);
        StartRegistration();
    }

    public override void Receive(object message)
    {
        switch (_phase, message)
        {
            case (_, IToWorker) when !IsFromMaster: OnForeignCommand(message.GetType().Name, Sender!); break;
            case (_, IToWorker m) when DeployRules.ProblemOf(m) is { } problem: OnInvalid(m, problem); break;
            case (Registering or Registered, RegisteredWorker m): OnRegisteredWorker(m); break;
            case (Registering, RegisterWorkerFailed m): GiveUp($"The master refused this worker: {m.Message}"); break;
            case (Registering p, RegistrationDue m) when m.Attempt == p.Attempts: OnRegistrationDue(p); break;

            case (Registered p, ReconnectWorker m) when IsOf(p, m.MasterUrl): StartRegistration(); break;
            case (Registered p, LaunchExecutor m) when IsOf(p, m.MasterUrl): OnLaunchExecutor(m); break;
            case (Registered p, KillExecutor m) when IsOf(p, m.MasterUrl): OnKillExecutor(m); break;
            case (Registered p, StateSyncFailed m) when m.Master == p: OnStateSyncFailed(m); break;
            case (Registered p, StateSyncDue m) when m.Master == p: Sync(p, m.Change, m.Attempt); break;

            case (_, LaunchExecutor m): _log.ForeignCommandIgnored(nameof(LaunchExecutor), new ExecutorKey(m.App, m.Executor), m.MasterUrl); break;
            case (_, KillExecutor m): _log.ForeignCommandIgnored(nameof(KillExecutor), new ExecutorKey(m.App, m.Executor), m.MasterUrl); break;
            case (_, ApplicationFinished m): OnApplicationFinished(m); break;
            case (_, ExecutorStarted m): OnExecutorStarted(m); break;
            case (_, ExecutorEnded m): OnExecutorEnded(m); break;
            case (_, OutputLost m): OnOutputLost(m); break;

            // Late messages, or messages for an earlier registration.
            case (_, IToWorker or RegistrationDue or StateSynced or StateSyncFailed or StateSyncDue): break;
            default: base.Receive(message); break;
        }
    }

    public override void OnDisconnected(RpcAddress remote)
    {
        _strangers.Remove(remote);
        if (_phase is not Registered { Master: var master } || master.Address != remote) return;
        _log.MasterLost(remote);
        StartRegistration();
    }

    public override void OnNetworkError(Exception error, RpcAddress remote)
    {
        _log.PeerUnreachable(remote, error.Message);
        if (_phase is not Registering phase || !options.Masters.Contains(remote) || !phase.Unreachable.Add(remote)) return;

        // No master is left that could answer the last attempt.
        if (phase.Attempts >= options.MaxRegistrationAttempts && phase.Unreachable.Count == options.Masters.Distinct().Count()) OnRegistrationDue(phase);
    }

    public override void OnStop() => (_phase as Registering)?.Timer?.Dispose();

    private void OnInvalid(IToWorker message, string problem)
    {
        var peer = Sender?.ToString() ?? "this process";
        if (_refusals.TryTake(peer, out var leftOut)) _log.MessageRefused(message.GetType().Name, peer, problem, leftOut);
    }

    /// <summary>
    /// Whether a message comes from the master that this worker is registered with, or before that from one of its masters. The connection must be one that
    /// this worker dialled, since any peer can dial it and claim to be a master. Without a peer it comes from this env itself.
    /// </summary>
    private bool IsFromMaster => Sender is not { } peer
        || (peer.DialledAs is { } dialled && options.Masters.Contains(dialled) && (_phase as Registered)?.Peer?.IsSameEnvAs(peer) is not false);

    private void OnForeignCommand(string command, RpcPeer peer)
    {
        if (_strangers.Add(peer.Address)) _log.StrangersCommandIgnored(command, peer);
    }

    private void OnRegisteredWorker(RegisteredWorker m)
    {
        EnterPhase(new Registered(m.Master, Sender));
        keyring.AddMasters([m.Master.Address.ToString()]); // it may have been dialled under another name
        _log.Registered(m.Master.Address);
        m.Master.Send(new WorkerLatestState(_id, Self,
            [.. _executors.Select(e => new ExecutorDescription(e.Key.App, e.Key.Number, e.Value.Cores, e.Value.MemoryMiB, e.Value.State))]));
    }

    private void OnLaunchExecutor(LaunchExecutor m)
    {
        var key = new ExecutorKey(m.App, m.Executor);
        _log.ExecutorLaunching(key, m.Cores, m.MemoryMiB);
        var self = Self;
        var launch = new ExecutorLaunch(key, m.Cores, m.MemoryMiB, m.Description.DriverUrl, self.Address.Host, self.ToString())
        {
            Settings = StartupSettings.OnWorker(m.Description.ExecutorSettings, Env.Conf),
            Secret = m.Secret,
            InheritedVariables = Env.Conf.Get(DeployKeys.ExecutorEnvironment),
        };
        keyring.AddApplication(m.App.Value, m.Secret.Value); // the executor connects, and shares this worker's fate
        var run = launcher.Launch(launch, () => self.Send(new ExecutorStarted(key)));
        _executors.Add(key, new ManagedExecutor(run, m.Cores, m.MemoryMiB));
        PipeToSelf(run.OutputLost, reason => new OutputLost(key, reason), error => new OutputLost(key, error.Message));
        PipeToSelf(run.Completion, exitStatus => new ExecutorEnded(key, exitStatus, null), error => new ExecutorEnded(key, null, error));
    }

    private void OnKillExecutor(KillExecutor m)
    {
        var key = new ExecutorKey(m.App, m.Executor);
        if (_executors.TryGetValue(key, out var executor)) Kill(key, executor);

        // The master keeps an executor's cores occupied until its end is reported, so it is reported in any case.
        else Report(key, ExecutorState.Killed, "This worker runs no such executor", null);
    }

    private void OnApplicationFinished(ApplicationFinished m)
    {
        foreach (var (key, executor) in _executors)
        {
            if (key.App == m.App) Kill(key, executor);
        }
    }

    private void Kill(ExecutorKey key, ManagedExecutor executor)
    {
        if (executor.KillRequested) return;
        executor.KillRequested = true;
        _log.ExecutorKilling(key);
        executor.Run.Kill();
    }

    private void OnExecutorStarted(ExecutorStarted m)
    {
        // An executor that ended at once may be gone before the report of its start arrives.
        if (!_executors.TryGetValue(m.Key, out var executor)) return;
        executor.State = ExecutorState.Running;
        Report(m.Key, ExecutorState.Running, null, null);
    }

    private void OnOutputLost(OutputLost m)
    {
        if (_executors.TryGetValue(m.Key, out var executor)) Report(m.Key, executor.State, m.Reason, null);
    }

    private void OnExecutorEnded(ExecutorEnded m)
    {
        if (!_executors.Remove(m.Key, out var executor)) throw new InvalidOperationException($"Executor {m.Key} ended, but was never launched.");
        if (!_executors.Keys.Any(key => key.App == m.Key.App)) keyring.RemoveApplication(m.Key.App.Value);
        var (state, message) = (m.Error, executor.KillRequested) switch
        {
            ({ } error, _) => (ExecutorState.Failed, $"Error running executor: {error.Message}"),
            (_, true) => (ExecutorState.Killed, string.Create(CultureInfo.InvariantCulture, $"Killed by the master; command exited with code {m.ExitStatus}")),
            _ => (ExecutorState.Exited, string.Create(CultureInfo.InvariantCulture, $"Command exited with code {m.ExitStatus}{WhereToRead(m, executor)}")),
        };
        _log.ExecutorEnded(m.Key, state, message);
        Report(m.Key, state, message, m.ExitStatus);
    }

    private string WhereToRead(ExecutorEnded ended, ManagedExecutor executor) =>
        ended.ExitStatus != 0 && executor.Run.OutputDirectory is { } directory ? $"; see {Path.Combine(directory, "stderr")} on {Self.Address.Host}" : "";

    // A change without a master needs no report: the master has dropped this worker's executors, and learns of running ones when the worker registers again.
    private void Report(ExecutorKey key, ExecutorState state, string? message, int? exitStatus)
    {
        if (_phase is not Registered master) return;
        var text = message is null ? null : LogText.Shorten(message, Problem.MaxMessage / 2);
        Sync(master, new ExecutorStateChanged(_id, key.App, key.Number, state, text, exitStatus), attempt: 1);
    }

    private void Sync(Registered master, ExecutorStateChanged change, int attempt) =>
        PipeToSelf(master.Master.AskAsync<bool>(change), _ => new StateSynced(), error => new StateSyncFailed(master, change, attempt, error));

    private void OnStateSyncFailed(StateSyncFailed m)
    {
        _log.StateSyncFailed(new ExecutorKey(m.Change.App, m.Change.Executor), m.Change.State, m.Attempt, m.Error.Message);
        if (m.Attempt < options.StateSyncMaxAttempts) Env.ScheduleOnce(StateSyncPause * m.Attempt, Self, new StateSyncDue(m.Master, m.Change, m.Attempt + 1));
        else GiveUp($"The master does not accept this worker's reports: {m.Error.Message}");
    }

    private void StartRegistration()
    {
        var phase = new Registering();
        EnterPhase(phase);
        TryRegister(phase);
    }

    private void OnRegistrationDue(Registering phase)
    {
        if (phase.Attempts >= options.MaxRegistrationAttempts) GiveUp($"All masters are unresponsive! Giving up. ({MasterUrl.Format(options.Masters)})");
        else TryRegister(phase);
    }

    private void TryRegister(Registering phase)
    {
        phase.Attempts++;
        phase.Unreachable.Clear();
        _log.Registering(MasterUrl.Format(options.Masters), phase.Attempts, options.MaxRegistrationAttempts);
        foreach (var master in options.Masters)
        {
            Env.RefTo(new RpcEndpointAddress(master, "Master")).Send(
                new RegisterWorker(_id, Self.Address.Host, Self.Address.Port, Self, options.Cores, options.MemoryMiB, master));
        }

        var delay = RegistrationBackoff.DelayAfter(phase.Attempts, options.QuickRegistrationAttempts, options.MaxRegistrationAttempts, options.Jitter)
            ?? RegistrationBackoff.LastWait;
        phase.Timer?.Dispose();
        phase.Timer = Env.ScheduleOnce(delay, Self, new RegistrationDue(phase.Attempts));
    }

    private static bool IsOf(Registered phase, string masterUrl) => string.Equals(masterUrl, phase.Master.Address.ToSparkUrl(), StringComparison.Ordinal);

    private void GiveUp(string reason)
    {
        EnterPhase(new GivenUp());
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
    }

    private sealed class GivenUp : Phase;

    private sealed class ManagedExecutor(IExecutorRun run, int cores, int memoryMiB)
    {
        public IExecutorRun Run { get; } = run;

        public int Cores { get; } = cores;

        public int MemoryMiB { get; } = memoryMiB;

        public ExecutorState State { get; set; } = ExecutorState.Launching;

        public bool KillRequested { get; set; }
    }

    private sealed record RegistrationDue(int Attempt);

    private sealed record ExecutorStarted(ExecutorKey Key);

    private sealed record ExecutorEnded(ExecutorKey Key, int? ExitStatus, Exception? Error);

    private sealed record OutputLost(ExecutorKey Key, string Reason);

    private sealed record StateSynced;

    private sealed record StateSyncFailed(Registered Master, ExecutorStateChanged Change, int Attempt, Exception Error);

    private sealed record StateSyncDue(Registered Master, ExecutorStateChanged Change, int Attempt);
}
