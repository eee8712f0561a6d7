using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Sparkish.Compute;
using Sparkish.Configuration;
using Sparkish.Diagnostics;
using Sparkish.Events;
using Sparkish.Rpc;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Shuffle;
using Sparkish.Tasks;

namespace Sparkish.Dag;

/// <summary>
/// Divides jobs into stages at shuffle boundaries, submits a stage when its parents are done, and recomputes lost map outputs. <see cref="DagState"/> decides;
/// this endpoint passes it the events and carries out its decisions. <see cref="MapOutputTracker"/> holds published copies of the map outputs.
/// </summary>
internal sealed class DagScheduler : RpcEndpoint
{
    public const string EndpointName = "DagScheduler";

    private const long RecommendedKibibytes = 1000; // Spark's bound of its warning

    private static readonly TimeSpan ResubmitDelay = TimeSpan.FromMilliseconds(200);

    private readonly DagState _state;
    private readonly SerializationContext _serialization;
    private readonly RpcEndpointRef _mapOutputTracker;
    private readonly Func<RpcEndpointRef> _taskScheduler;
    private readonly ListenerBus _listeners;
    private readonly ILogger _log;
    private readonly Dictionary<int, JobWaiter> _waiters = [];
    private readonly Queue<DagDecision> _decisions = [];
    private long _nextBinaryId;

    /// <summary>Creates the endpoint; the task scheduler is supplied lazily, since each of the two refers to the other.</summary>
    public DagScheduler(SparkConf conf, SerializationContext serialization, RpcEndpointRef mapOutputTracker, Func<RpcEndpointRef> taskScheduler,
        ListenerBus listeners, ILogger<DagScheduler> log)
    {
        _state = new DagState(conf.Get(SchedulerKeys.StageMaxConsecutiveAttempts));
        _serialization = serialization;
        _mapOutputTracker = mapOutputTracker;
        _taskScheduler = taskScheduler;
        _listeners = listeners;
        _log = log;
    }

    public override void Receive(object message)
    {
        switch (message)
        {
            case JobSubmitted m: OnJobSubmitted(m); break;
            case StopJobs m: Act(_state.StopJobs(m.Reason)); break;
            case TaskEnded m: OnTaskEnded(m); break;
            case TaskSetFailed m: Act(_state.StageFailed(m.StageId, m.StageAttempt, m.Message, UserException(m.LastFailure))); break;
            case ExecutorLost m: OnExecutorLost(m); break;
            case ResubmitFailedStages: Act(_state.ResubmitFailedStages()); break;
            default: base.Receive(message); break;
        }
    }

    private void OnJobSubmitted(JobSubmitted message)
    {
        _waiters.Add(message.Job.JobId, message.Waiter);
        Act(_state.SubmitJob(message.Job));
    }

    private void OnTaskEnded(TaskEnded message)
    {
        var task = message.Task;
        if (!_state.Contains(task.StageId)) return;
        switch (message.Reason)
        {
            case TaskSucceeded r when _state.IsMapStage(task.StageId):
                Act(_state.MapOutputWritten(task.StageId, task.StageAttempt, task.PartitionId, message.ExecutorId, StatusOf(r)));
                break;
            case TaskSucceeded r:
                Act(_state.ResultComputed(task.StageId, task.StageAttempt, task.PartitionId, r.Result));
                break;
            case FetchFailed r:
                _log.TaskFailed(task.Name, message.ExecutorId, r);
                Act(_state.FetchFailed(task.StageId, task.StageAttempt, r));
                break;
            case TaskKilled:
                break;
            default:
                _log.TaskFailed(task.Name, message.ExecutorId, message.Reason);
                break;
        }
    }

    private void OnExecutorLost(ExecutorLost message)
    {
        _log.ExecutorLost(message.ExecutorId, message.Message);
        Act(_state.ExecutorLost(message.ExecutorId));
    }

    /// <summary>Carries out decisions. A stage that cannot be sent is an event itself, whose consequences follow the earlier decisions.</summary>
    private void Act(IReadOnlyList<DagDecision> decisions)
    {
        foreach (var decision in decisions) _decisions.Enqueue(decision);
        while (_decisions.TryDequeue(out var next)) Act(next);
    }

    private void Act(DagDecision decision)
    {
        switch (decision)
        {
            case SubmitStage d: Submit(d); break;
            case CancelStage d: _taskScheduler().Send(new CancelTasks(d.StageId, d.Reason)); break;
            case PublishMapOutputs d: _mapOutputTracker.Send(new RegisterMapOutputs(d.ShuffleId, d.Epoch, d.Outputs)); break;
            case ScheduleResubmission: Env.ScheduleOnce(ResubmitDelay, Self, new ResubmitFailedStages()); break;
            case StageFinished d: OnStageFinished(d); break;
            case StageIncomplete d: _log.OutputsLostMeanwhile(d.StageId); break;
            case StageAborted d: _log.StageAborted(d.StageId, d.Reason); break;
            case PartitionComputed d: _waiters[d.JobId].TaskSucceeded(d.Position, d.Result); break;
            case JobEnded d: OnJobEnded(d); break;
            default: throw new InvalidOperationException($"Unknown decision {decision}.");
        }
    }

    private void Submit(SubmitStage stage)
    {
        TaskSet taskSet;
        try
        {
            var binary = new TaskBinary(_nextBinaryId++, ObjectSerializer.Serialize(stage.Operation, _serialization));
            var tasks = stage.Partitions.Select(index => new PartitionTask(index, ObjectSerializer.Serialize(stage.Rdd.Partitions[index], _serialization)));
            taskSet = new TaskSet(stage.StageId, stage.Attempt, stage.JobId, binary, stage.Epoch, [.. tasks]);
        }
        catch (Exception error)
        {
            // Surrogates, comparers and properties of the application run here and may throw anything; an exception ends the job and nothing else.
            Act(_state.StageFailed(stage.StageId, stage.Attempt, $"Task not serializable: {ExceptionText.MessageOf(error)}{AdviceOnChain(stage.Rdd)}", error));
            return;
        }

        if (stage.Attempt == 0) WarnAboutSize(stage, taskSet);
        _log.StageSubmitted(stage.StageId, stage.Attempt, stage.Rdd, stage.Partitions.Count);
        _listeners.Post(new SparkListenerStageSubmitted(stage.StageId, stage.Attempt, stage.Rdd.Name, stage.Partitions.Count));
        _taskScheduler().Send(new SubmitTasks(taskSet));
    }

    // A stage is written as a chain of its transformations, each within the next.
    private static string AdviceOnChain(Lineage rdd)
    {
        const int Long = 500;
        var length = 1;
        for (var next = rdd; next.Dependencies is [NarrowDependency { Parent: var parent }]; next = parent) length++;
        return length < Long ? ""
            : $" The stage chains {length} transformations: combine steps in one function, save an intermediate result and read it again, or raise spark.serializer.maxDepth.";
    }

    private void WarnAboutSize(SubmitStage stage, TaskSet taskSet)
    {
        var captured = taskSet.Binary.Operation.Length / 1024;
        var partition = taskSet.Tasks.Select(static task => task.Partition.Length).DefaultIfEmpty().Max() / 1024;
        if (captured > RecommendedKibibytes) _log.LargeCapture(stage.StageId, stage.Rdd, captured, taskSet.Tasks.Count, RecommendedKibibytes);
        if (partition > RecommendedKibibytes) _log.LargePartition(stage.StageId, stage.Rdd, partition, RecommendedKibibytes);
    }

    private void OnStageFinished(StageFinished decision)
    {
        _log.StageFinished(decision.StageId);
        _listeners.Post(new SparkListenerStageCompleted(decision.StageId, decision.Attempt));
    }

    private void OnJobEnded(JobEnded decision)
    {
        _listeners.Post(new SparkListenerJobEnd(decision.JobId, Succeeded: decision.Error is null));
        if (!_waiters.Remove(decision.JobId, out var waiter)) return;
        if (decision.Error is null) waiter.JobSucceeded();
        else waiter.JobFailed(decision.Error);
    }

    private MapStatus StatusOf(TaskSucceeded reason)
    {
        var reader = new ByteReader(reason.Result, _serialization);
        return Codec.For<MapStatus>().Read(ref reader);
    }

    private Exception? UserException(ExceptionFailure? failure)
    {
        if (failure is null) return null;
        try
        {
            if (failure.Exception.Length > 0) return ObjectSerializer.Deserialize<Exception>(failure.Exception, _serialization);
        }
        catch (Exception error)
        {
            // Its surrogates and collections belong to the application and may throw anything; the job then fails with its text instead.
            _log.ExceptionUnreadable(error, failure.ClassName);
        }

        return ExceptionDispatchInfo.SetRemoteStackTrace(new RemoteException(failure.ClassName, failure.Description, null), failure.StackTrace);
    }
}
