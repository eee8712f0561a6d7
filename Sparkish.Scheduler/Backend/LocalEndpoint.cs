using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Compute;
using Sparkish.Events;
using Sparkish.Executor;
using Sparkish.Rpc;
using Sparkish.Tasks;

namespace Sparkish.Backend;

#pragma warning disable CA1001 // its fields are disposed when it stops
/// <summary>Schedules tasks onto an executor within the driver's process.</summary>
internal sealed class LocalEndpoint(
    SparkConf conf, RpcEndpointRef dagScheduler, ListenerBus listeners, SparkEnv env, int cores, Random random, ILogger<LocalEndpoint> log)
    : TaskSchedulerEndpoint(conf, dagScheduler, listeners, random, log)
{
    public const string EndpointName = "LocalSchedulerBackendEndpoint";

    private readonly HashSet<long> _binaries = [];
    private TaskExecutor? _executor;

    public override void OnStart()
    {
        var self = Self;
        _executor = new TaskExecutor(
            env, cores, (taskId, outcome) => self.Send(new StatusUpdate(env.ExecutorId, taskId, outcome.State, outcome.Data)), NullLogger.Instance);
        AddExecutor(env.ExecutorId, cores);
    }

    public override void Receive(object message)
    {
        switch (message)
        {
            case StatusUpdate m: EndTask(m.TaskId, new TaskOutcome(m.State, m.Data).ToReason()); break;
            default: base.Receive(message); break;
        }
    }

    public override void OnStop() => _executor?.Dispose();

    protected override void Launch(TaskAttempt attempt)
    {
        var binary = attempt.Manager.TaskSet.Binary;
        _executor!.Launch(attempt.Description, _binaries.Add(binary.Id) ? binary : null);
    }

    protected override void Kill(TaskAttempt attempt, string reason) => _executor!.Kill(attempt.Description.TaskId, reason);

    protected override void Forget(TaskBinary binary)
    {
        if (_binaries.Remove(binary.Id)) _executor!.Forget(binary.Id);
    }
}
