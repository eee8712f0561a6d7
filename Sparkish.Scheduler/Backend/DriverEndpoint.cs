using Microsoft.Extensions.Logging;
using Sparkish.Compute;
using Sparkish.Configuration;
using Sparkish.Dag;
using Sparkish.Events;
using Sparkish.Executor;
using Sparkish.Rpc;
using Sparkish.Tasks;
using Sparkish.Validation;

namespace Sparkish.Backend;

/// <summary>The driver's side of the conversation with its executors, and the home of its task scheduler.</summary>
internal sealed class DriverEndpoint(
    SparkConf conf, RpcEndpointRef dagScheduler, RpcEndpointRef mapOutputTracker, ListenerBus listeners, Random random, ILogger<DriverEndpoint> log)
    : TaskSchedulerEndpoint(conf, dagScheduler, listeners, random, log)
{
    private readonly SparkConf _conf = conf;
    private readonly RpcEndpointRef _dagScheduler = dagScheduler;
    private readonly TimeSpan _removeDelay = conf.Get(SchedulerKeys.ExecutorRemoveDelay);
    private readonly Dictionary<string, ConnectedExecutor> _executors = new(StringComparer.Ordinal);
    private readonly TimeSpan _aloneTimeout = conf.Get(SchedulerKeys.StarvationTimeout);
    private readonly LineBudget _refusals = new(TimeProvider.System);
    private volatile int _totalCores;
    private string? _whyNoMore;
    private bool _stopping;

    /// <summary>The cores of all executors; may be read from other threads.</summary>
    public int TotalCores => _totalCores;

    public override void Receive(object message)
    {
        switch (message)
        {
            case IToDriver m when ExecutorRules.ProblemOf(m) is { } problem: OnInvalid(m, problem); break;
            case StatusUpdate m: EndTask(m.TaskId, new TaskOutcome(m.State, m.Data).ToReason()); break;
            case RemoveExecutor m: OnRemoveExecutor(m); break;
            case NoMoreExecutors m: OnNoMoreExecutors(m); break;
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
            // The cluster will say in a moment how it ended, and that decides whether its tasks are to blame.
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
            // It is too large to be sent. Handled as a message of its own: the offer that placed it is still being worked off.
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
        if (_refusals.TryTake(out var leftOut)) log.MessageRefused(message.GetType().Name, problem, leftOut);
    }

    private void OnRegisterExecutor(RegisterExecutor message, RpcCallContext call)
    {
        if (_executors.ContainsKey(message.ExecutorId))
        {
            call.SendFailure(new SparkException($"Duplicate executor ID: {message.ExecutorId}."));
            return;
        }

        if (Mismatch(message) is { } reason)
        {
            // No executor of this cluster will do, so the jobs need not wait for another one.
            call.SendFailure(new SparkException($"Refused: {reason}."));
            _dagScheduler.Send(new StopJobs(reason));
            return;
        }

        _executors.Add(message.ExecutorId, new ConnectedExecutor(message.ExecutorId, message.Executor));
        log.ExecutorRegistered(message.ExecutorId, message.Executor.Address, message.Cores);
        call.Reply(true);
        AddExecutor(message.ExecutorId, message.Cores);
        _totalCores = Scheduler.TotalCores;
    }

    /// <summary>Why results of an executor would not be those of the driver's machine; null where they are.</summary>
    private static string? Mismatch(RegisterExecutor message)
    {
        var executor = $"executor {message.ExecutorId} at {message.Executor.Address}";
        if (message.EngineBuild != EngineBuild.Current)
            return $"{executor} runs Sparkish {message.EngineBuild} but this driver {EngineBuild.Current}: deploy the same build";
        return (message.InvariantGlobalization, ApplicationCulture.IsInvariantMode) switch
        {
            (true, false) => $"{executor} knows no cultures (globalization-invariant mode) but this driver does: install ICU (libicu) on its machine, "
                + "or set InvariantGlobalization to true in the application's project",
            (false, true) => $"{executor} knows cultures but this driver runs in globalization-invariant mode: set InvariantGlobalization to false in the "
                + "application's project",
            _ => null,
        };
    }

    private void OnRemoveExecutor(RemoveExecutor message)
    {
        if (_stopping || !_executors.Remove(message.ExecutorId)) return;
        RemoveExecutor(message.ExecutorId, message.Message, message.ExitCausedByApp);
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
        if (!_stopping && _executors.Count == 0) _dagScheduler.Send(new StopJobs(_whyNoMore!));
    }

    private void OnStopExecutors(RpcCallContext call)
    {
        _stopping = true;
        foreach (var executor in _executors.Values) executor.Ref.Send(new StopExecutor());
        call.Reply(true);
    }

    private sealed record AloneCheck;

    /// <summary>An executor and the operations that it has got.</summary>
    private sealed class ConnectedExecutor(string id, RpcEndpointRef @ref)
    {
        public string Id { get; } = id;

        public RpcEndpointRef Ref { get; } = @ref;

        public HashSet<long> Binaries { get; } = [];
    }
}
