using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Executor;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Worker;

/// <summary>Offers a machine's cores and memory to a master, and runs executors for it.</summary>
/// <param name="options">What it offers, and to whom.</param>
/// <param name="launcher">Starts executors; owned by whoever made this worker.</param>
/// <param name="onGiveUp">Called once with a reason when the worker is of no use any more.</param>
internal sealed class Worker(WorkerOptions options, IExecutorLauncher launcher, Action<string> onGiveUp) : RpcEndpoint
{
    public const string EnvName = "sparkWorker";
    public const string EndpointName = "Worker";
    private static readonly TimeSpan StateSyncPause = TimeSpan.FromSeconds(1);

    private readonly Dictionary<ExecutorKey, ManagedExecutor> _executors = [];
    private readonly HashSet<RpcAddress> _unreachable = [];
    private ILogger _log = NullLogger.Instance;
    private WorkerId _id;
    private RpcEndpointRef? _master;
    private bool _connected;
    private int _attempts;
    private IDisposable? _retry;

    public override void OnStart()
    {
        _log = Env.LoggerFactory.CreateLogger<Worker>();
        _id = WorkerId.Create(Env.Time.GetLocalNow(), Self.Address.Host, Self.Address.Port);
        _log.WorkerStarted(_id, options.Cores, options.MemoryMiB);
        TryRegister();
    }

    public override void Receive(object message)
    {
        switch (message)
        {
            case RegisteredWorker m: OnRegisteredWorker(m); break;
            case RegisterWorkerFailed m: OnRegisterWorkerFailed(m); break;
            case ReconnectWorker m: OnReconnectWorker(m); break;
            case LaunchExecutor m: OnLaunchExecutor(m); break;
            case KillExecutor m: OnKillExecutor(m); break;
            case ApplicationFinished m: OnApplicationFinished(m); break;
            case RegistrationDue: OnRegistrationDue(); break;
            case ExecutorStarted m: OnExecutorStarted(m); break;
            case ExecutorEnded m: OnExecutorEnded(m); break;
            case StateSyncFailed m: OnStateSyncFailed(m); break;
            case StateSyncDue m: Sync(m.Change, m.Attempt); break;
            case StateSynced: break;
            default: base.Receive(message); break;
        }
    }

    public override void OnDisconnected(RpcAddress remote)
    {
        if (!_connected || _master!.Address != remote) return;
        _connected = false;
        _log.MasterLost(remote);
        StartRegistration();
    }

    public override void OnNetworkError(Exception error, RpcAddress remote)
    {
        _log.PeerUnreachable(remote, error.Message);
        if (_connected || !options.Masters.Contains(remote) || !_unreachable.Add(remote)) return;

        // Nobody is left who could answer the last try.
        if (_attempts >= options.MaxRegistrationAttempts && _unreachable.Count == options.Masters.Distinct().Count()) OnRegistrationDue();
    }

    public override void OnStop() => _retry?.Dispose();

    private void OnRegisteredWorker(RegisteredWorker m)
    {
        _retry?.Dispose();
        _master = m.Master;
        _connected = true;
        _log.Registered(m.Master.Address);
        m.Master.Send(new WorkerLatestState(_id, Self,
            [.. _executors.Select(e => new ExecutorDescription(e.Key.App, e.Key.Number, e.Value.Cores, e.Value.MemoryMiB, e.Value.State))]));
    }

    private void OnRegisterWorkerFailed(RegisterWorkerFailed m)
    {
        if (!_connected) GiveUp($"The master refused this worker: {m.Message}");
    }

    private void OnReconnectWorker(ReconnectWorker m)
    {
        if (!_connected || !IsFromMaster(m.MasterUrl)) return;
        _connected = false;
        StartRegistration();
    }

    private void OnLaunchExecutor(LaunchExecutor m)
    {
        var key = new ExecutorKey(m.App, m.Executor);
        if (!IsFromMaster(m.MasterUrl))
        {
            _log.ForeignCommandIgnored(nameof(LaunchExecutor), key, m.MasterUrl);
            return;
        }

        _log.ExecutorLaunching(key, m.Cores, m.MemoryMiB);
        var self = Self;
        var launch = new ExecutorLaunch(key, m.Cores, m.MemoryMiB, m.Description.DriverUrl, self.Address.Host, self.ToString())
        {
            Settings = StartupSettings.OnWorker(m.Description.ExecutorSettings, Env.Conf),
        };
        var run = launcher.Launch(launch, () => self.Send(new ExecutorStarted(key)));
        _executors.Add(key, new ManagedExecutor(run, m.Cores, m.MemoryMiB));
        PipeToSelf(run.Completion, exitStatus => new ExecutorEnded(key, exitStatus, null), error => new ExecutorEnded(key, null, error));
    }

    private void OnKillExecutor(KillExecutor m)
    {
        var key = new ExecutorKey(m.App, m.Executor);
        if (!IsFromMaster(m.MasterUrl)) _log.ForeignCommandIgnored(nameof(KillExecutor), key, m.MasterUrl);
        else if (_executors.TryGetValue(key, out var executor)) Kill(key, executor);

        // The master keeps an executor's cores taken until it hears that it ended, so it hears so in any case.
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
        // One that ended at once may be gone before the news of its start arrives.
        if (!_executors.TryGetValue(m.Key, out var executor)) return;
        executor.State = ExecutorState.Running;
        Report(m.Key, ExecutorState.Running, null, null);
    }

    private void OnExecutorEnded(ExecutorEnded m)
    {
        if (!_executors.Remove(m.Key, out var executor)) throw new InvalidOperationException($"Executor {m.Key} ended, but was never launched.");
        var (state, message) = (m.Error, executor.KillRequested) switch
        {
            ({ } error, _) => (ExecutorState.Failed, $"Error running executor: {error.Message}"),
            (_, true) => (ExecutorState.Killed, string.Create(CultureInfo.InvariantCulture, $"Killed by the master; command exited with code {m.ExitStatus}")),
            _ => (ExecutorState.Exited, string.Create(CultureInfo.InvariantCulture, $"Command exited with code {m.ExitStatus}")),
        };
        _log.ExecutorEnded(m.Key, state, message);
        Report(m.Key, state, message, m.ExitStatus);
    }

    // A change that happens while there is no master needs no report: the master has let go of this worker's executors, and hears of what runs
    // when the worker registers again.
    private void Report(ExecutorKey key, ExecutorState state, string? message, int? exitStatus)
    {
        if (_connected) Sync(new ExecutorStateChanged(_id, key.App, key.Number, state, message, exitStatus), attempt: 1);
    }

    private void Sync(ExecutorStateChanged change, int attempt)
    {
        if (!_connected) return;
        PipeToSelf(_master!.AskAsync<bool>(change), _ => new StateSynced(), error => new StateSyncFailed(change, attempt, error));
    }

    private void OnStateSyncFailed(StateSyncFailed m)
    {
        _log.StateSyncFailed(new ExecutorKey(m.Change.App, m.Change.Executor), m.Change.State, m.Attempt, m.Error.Message);
        if (!_connected) return;
        if (m.Attempt < options.StateSyncMaxAttempts) Env.ScheduleOnce(StateSyncPause * m.Attempt, Self, new StateSyncDue(m.Change, m.Attempt + 1));
        else GiveUp($"The master does not take this worker's reports: {m.Error.Message}");
    }

    private void StartRegistration()
    {
        _attempts = 0;
        TryRegister();
    }

    private void OnRegistrationDue()
    {
        if (_connected) return;
        if (_attempts >= options.MaxRegistrationAttempts) GiveUp($"All masters are unresponsive! Giving up. ({MasterUrl.Format(options.Masters)})");
        else TryRegister();
    }

    private void TryRegister()
    {
        _attempts++;
        _unreachable.Clear();
        _log.Registering(MasterUrl.Format(options.Masters), _attempts, options.MaxRegistrationAttempts);
        foreach (var master in options.Masters)
        {
            Env.RefTo(new RpcEndpointAddress(master, "Master")).Send(
                new RegisterWorker(_id, Self.Address.Host, Self.Address.Port, Self, options.Cores, options.MemoryMiB, master));
        }

        var delay = RegistrationBackoff.DelayAfter(_attempts, options.QuickRegistrationAttempts, options.MaxRegistrationAttempts, options.Jitter)
            ?? RegistrationBackoff.LastWait;
        _retry?.Dispose();
        _retry = Env.ScheduleOnce(delay, Self, new RegistrationDue());
    }

    private bool IsFromMaster(string masterUrl) => _connected && string.Equals(masterUrl, _master!.Address.ToSparkUrl(), StringComparison.Ordinal);

    private void GiveUp(string reason)
    {
        _retry?.Dispose();
        _log.GaveUp(reason);
        onGiveUp(reason);
        Stop();
    }

    private sealed class ManagedExecutor(IExecutorRun run, int cores, int memoryMiB)
    {
        public IExecutorRun Run { get; } = run;

        public int Cores { get; } = cores;

        public int MemoryMiB { get; } = memoryMiB;

        public ExecutorState State { get; set; } = ExecutorState.Launching;

        public bool KillRequested { get; set; }
    }

    private sealed record RegistrationDue;

    private sealed record ExecutorStarted(ExecutorKey Key);

    private sealed record ExecutorEnded(ExecutorKey Key, int? ExitStatus, Exception? Error);

    private sealed record StateSynced;

    private sealed record StateSyncFailed(ExecutorStateChanged Change, int Attempt, Exception Error);

    private sealed record StateSyncDue(ExecutorStateChanged Change, int Attempt);
}
