using Microsoft.Extensions.Logging;
using Sparkish.Compute;
using Sparkish.Configuration;
using Sparkish.Dag;
using Sparkish.Events;
using Sparkish.Executor;
using Sparkish.Rpc;
using Sparkish.Shuffle;
using Sparkish.Tasks;
using Sparkish.Validation;

namespace Sparkish.Backend;

/// <summary>The driver's side of the conversation with its executors, and the home of its task scheduler.</summary>
internal sealed partial class DriverEndpoint(
    SparkConf conf, RpcEndpointRef dagScheduler, RpcEndpointRef mapOutputTracker, ListenerBus listeners, Random random, ILogger<DriverEndpoint> log)
    : TaskSchedulerEndpoint(conf, dagScheduler, listeners, random, log)
{
    private const int MaxEarly = 1000;

    private readonly SparkConf _conf = conf;
    private readonly RpcEndpointRef _dagScheduler = dagScheduler;
    private readonly TimeSpan _removeDelay = conf.Get(SchedulerKeys.ExecutorRemoveDelay);
    private readonly Dictionary<string, ConnectedExecutor> _executors = new(StringComparer.Ordinal);
    private readonly TimeSpan _aloneTimeout = conf.Get(SchedulerKeys.StarvationTimeout);
    private readonly LineBudget _refusals = new(TimeProvider.System);

    // Executors that the cluster has announced and that have not registered yet; and those that registered before their announcement.
    private readonly HashSet<string> _expected = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (RegisterExecutor Message, RpcCallContext Call)> _early = new(StringComparer.Ordinal);
    private volatile int _totalCores;
    private string? _whyNoMore;
    private bool _stopping;

    /// <summary>Whether the cluster announces its executors; then no others are accepted.</summary>
    public bool KnowsExecutors { get; init; }

    /// <summary>The cores of all executors; may be read from other threads.</summary>
    public int TotalCores => _totalCores;

    public override void Receive(object message)
    {
        switch (message)
        {
            case IToDriver m when ExecutorRules.ProblemOf(m) is { } problem: OnInvalid(m, problem); break;
            case StatusUpdate m: OnStatusUpdate(m); break;
            case ExpectExecutor m: OnExpectExecutor(m); break;
            case RemoveExecutor m: OnRemoveExecutor(m); break;
            case DecommissionExecutor m: OnDecommissionExecutor(m); break;
            case DecommissionTimedOut m: OnDecommissionTimedOut(m); break;
            case NoMoreExecutors m: OnNoMoreExecutors(m); break;
            case MoreExecutors: _whyNoMore = null; break;
            case AloneCheck: OnAloneCheck(); break;
            default: base.Receive(message); break;
        }
    }

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case IToDriver m when ExecutorRules.ProblemOf(m) is { } problem: call.SendFailure(new SparkException($"Refused {m.GetType().Name}: {problem}.")); break;
            case RetrieveSparkAppConfig: call.Reply(new SparkAppConfig(StartupSettings.WithoutCredentials(_conf), mapOutputTracker)); break;
            case RegisterExecutor m: OnRegisterExecutor(m, call); break;
            case StopExecutors: OnStopExecutors(call); break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }

    public override void OnDisconnected(RpcAddress remote)
    {
        foreach (var executor in _executors.Values.Where(executor => executor.Ref.Address == remote))
        {
            // The cluster will report shortly how it ended, which decides whether its tasks are to blame.
            Scheduler.Disable(executor.Id);
            Env.ScheduleOnce(_removeDelay, Self, new RemoveExecutor(executor.Id, "the connection with it was lost", ExitCausedByApp: false));
        }
    }

    protected override void Launch(TaskAttempt attempt)
    {
        var executor = _executors[attempt.ExecutorId];
        var binary = attempt.Manager.TaskSet.Binary;
        try
        {
            executor.Ref.Send(new LaunchTask(attempt.Description, executor.Binaries.Add(binary.Id) ? binary : null));
        }
        catch (SparkException e)
        {
            // It is too large to send. The failure is a separate message, since the offer that placed it is still being processed.
            executor.Binaries.Remove(binary.Id);
            Self.Send(new StatusUpdate(executor.Id, attempt.Description.TaskId, TaskState.Failed, TaskOutcome.Of(e).Data));
        }
    }

    protected override void Kill(TaskAttempt attempt, string reason)
    {
        if (_executors.TryGetValue(attempt.ExecutorId, out var executor)) executor.Ref.Send(new KillTask(attempt.Description.TaskId, reason));
    }

    protected override void Forget(TaskBinary binary)
    {
        foreach (var executor in _executors.Values.Where(executor => executor.Binaries.Remove(binary.Id))) executor.Ref.Send(new ForgetTaskBinary(binary.Id));
    }

    private void OnInvalid(IToDriver message, string problem)
    {
        var peer = Sender?.ToString() ?? "this process";
        if (_refusals.TryTake(peer, out var leftOut)) log.MessageRefused(message.GetType().Name, peer, problem, leftOut);
    }

    /// <summary>
    /// A task's end counts if it comes from the executor that runs the task, that is from the env that registered as this executor. Without a peer it comes
    /// from this driver itself.
    /// </summary>
    private void OnStatusUpdate(StatusUpdate message)
    {
        if (Sender is { } peer)
        {
            var isOwn = _executors.TryGetValue(message.ExecutorId, out var executor) && executor.Peer?.IsSameEnvAs(peer) is not false;
            if (!isOwn || Scheduler.ExecutorOf(message.TaskId) != message.ExecutorId)
            {
                log.StatusUpdateIgnored(message.TaskId, message.ExecutorId, peer);
                return;
            }
        }

        EndTask(message.TaskId, new TaskOutcome(message.State, message.Data).ToReason());
        StopIfDecommissionedAndIdle(message.ExecutorId);
    }

    private void OnExpectExecutor(ExpectExecutor message)
    {
        _expected.Add(message.ExecutorId);
        if (_early.Remove(message.ExecutorId, out var early)) OnRegisterExecutor(early.Message, early.Call);
    }

    /// <summary>Keeps a registration until the cluster announces such an executor, which may happen a moment later.</summary>
    private void Defer(RegisterExecutor message, RpcCallContext call)
    {
        if (_early.Count >= MaxEarly || !_early.TryAdd(message.ExecutorId, (message, call)))
            call.SendFailure(new SparkException($"The cluster has started no executor {message.ExecutorId}."));
    }

    private void OnRegisterExecutor(RegisterExecutor message, RpcCallContext call)
    {
        if (call.Peer is { } peer && peer.Address != message.Executor.Address)
        {
            call.SendFailure(new SparkException($"{peer.Address} registered an executor of {message.Executor.Address}: only an executor itself may register."));
            return;
        }

        if (_executors.ContainsKey(message.ExecutorId))
        {
            call.SendFailure(new SparkException($"Duplicate executor ID: {message.ExecutorId}."));
            return;
        }

        if (KnowsExecutors && !_expected.Contains(message.ExecutorId))
        {
            Defer(message, call);
            return;
        }

        if (Mismatch(message) is { } reason)
        {
            // No executor of this cluster is suitable, so jobs need not wait for another one.
            call.SendFailure(new SparkException($"Refused: {reason}."));
            _dagScheduler.Send(new StopJobs(reason));
            return;
        }

        _expected.Remove(message.ExecutorId);
        _executors.Add(message.ExecutorId, new ConnectedExecutor(message.ExecutorId, message.Executor, call.Peer));
        mapOutputTracker.Send(new AdmitExecutor(message.Executor.Address));
        log.ExecutorRegistered(message.ExecutorId, message.Executor.Address, message.Cores);
        call.Reply(true);
        if (_decommissioned.ContainsKey(message.ExecutorId))
        {
            Stop(message.ExecutorId);
            return;
        }

        AddExecutor(message.ExecutorId, message.Cores);
        _totalCores = Scheduler.TotalCores;
    }

    /// <summary>Returns the reason why results of an executor would differ from those of the driver's machine; null if they do not.</summary>
    private static string? Mismatch(RegisterExecutor message)
    {
        var executor = $"executor {message.ExecutorId} at {message.Executor.Address}";
        if (message.EngineBuild != EngineBuild.Current)
            return $"{executor} runs Sparkish {message.EngineBuild} but this driver {EngineBuild.Current}: deploy the same build";
        return (message.InvariantGlobalization, ApplicationCulture.IsInvariantMode) switch
        {
            (true, false) => $"{executor} has no culture data (globalization-invariant mode) but this driver does: install ICU (libicu) on its machine, "
                + "or set InvariantGlobalization to true in the application's project",
            (false, true) => $"{executor} has culture data but this driver runs in globalization-invariant mode: set InvariantGlobalization to false in the "
                + "application's project",
            _ => null,
        };
    }

    private void OnRemoveExecutor(RemoveExecutor message)
    {
        _expected.Remove(message.ExecutorId);

        // The cluster took it away, so its tasks are not to blame.
        var isToBlame = !_decommissioned.Remove(message.ExecutorId) && message.ExitCausedByApp;
        if (_early.Remove(message.ExecutorId, out var early)) early.Call.SendFailure(new SparkException($"Executor {message.ExecutorId} is gone already."));
        if (_stopping || !_executors.Remove(message.ExecutorId, out var executor)) return;
        mapOutputTracker.Send(new ForgetExecutor(executor.Ref.Address));
        RemoveExecutor(message.ExecutorId, message.Message, isToBlame);
        _totalCores = Scheduler.TotalCores;
        CheckWhetherAlone();
    }

    private void OnNoMoreExecutors(NoMoreExecutors message)
    {
        _whyNoMore ??= message.Reason;
        CheckWhetherAlone();
    }

    // One that was launched in time may still register.
    private void CheckWhetherAlone()
    {
        if (_whyNoMore is not null && _executors.Count == 0) Env.ScheduleOnce(_aloneTimeout, Self, new AloneCheck());
    }

    private void OnAloneCheck()
    {
        if (!_stopping && _executors.Count == 0 && _whyNoMore is { } reason) _dagScheduler.Send(new StopJobs(reason));
    }

    private void OnStopExecutors(RpcCallContext call)
    {
        _stopping = true;
        foreach (var executor in _executors.Values) executor.Ref.Send(new StopExecutor());
        call.Reply(true);
    }

    private sealed record AloneCheck;

    /// <summary>An executor and the operations that it has received.</summary>
    private sealed class ConnectedExecutor(string id, RpcEndpointRef @ref, RpcPeer? peer)
    {
        public string Id { get; } = id;

        public RpcEndpointRef Ref { get; } = @ref;

        /// <summary>The env that registered it; null if the env does not distinguish its peers.</summary>
        public RpcPeer? Peer { get; } = peer;

        public HashSet<long> Binaries { get; } = [];
    }
}
