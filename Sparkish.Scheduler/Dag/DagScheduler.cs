using Microsoft.Extensions.Logging;
using Sparkish.Configuration;
using Sparkish.Events;
using Sparkish.Rpc;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Shuffle;
using Sparkish.Tasks;

namespace Sparkish.Dag;

/// <summary>
/// Turns jobs into stages at shuffle boundaries, submits a stage when its parents are done, and makes lost map outputs anew. It owns jobs, stages and
/// the knowledge of map outputs; <see cref="MapOutputTracker"/> holds published copies.
/// </summary>
internal sealed partial class DagScheduler : RpcEndpoint
{
    public const string EndpointName = "DagScheduler";

    private static readonly TimeSpan ResubmitDelay = TimeSpan.FromMilliseconds(200);

    private readonly int _maxStageAttempts;
    private readonly SerializationContext _serialization;
    private readonly RpcEndpointRef _mapOutputTracker;
    private readonly Func<RpcEndpointRef> _taskScheduler;
    private readonly ListenerBus _listeners;
    private readonly ILogger _log;
    private readonly Dictionary<int, ActiveJob> _jobs = [];
    private readonly Dictionary<int, Stage> _stages = [];
    private readonly Dictionary<int, ShuffleMapStage> _shuffleStages = [];
    private readonly HashSet<string> _lostExecutors = new(StringComparer.Ordinal);
    private string? _stopReason;
    private int _nextStageId;
    private long _nextBinaryId;
    private int _epoch;

    /// <summary>Makes the endpoint; the task scheduler is asked for late, since each of the two knows the other.</summary>
    public DagScheduler(SparkConf conf, SerializationContext serialization, RpcEndpointRef mapOutputTracker, Func<RpcEndpointRef> taskScheduler,
        ListenerBus listeners, ILogger<DagScheduler> log)
    {
        _maxStageAttempts = conf.Get(SchedulerKeys.StageMaxConsecutiveAttempts);
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
            case StopJobs m: OnStopJobs(m); break;
            case TaskEnded m: OnTaskEnded(m); break;
            case TaskSetFailed m: OnTaskSetFailed(m); break;
            case ExecutorLost m: OnExecutorLost(m); break;
            case ResubmitFailedStages: OnResubmitFailedStages(); break;
            default: base.Receive(message); break;
        }
    }

    private void OnJobSubmitted(JobSubmitted message)
    {
        var job = message.Job;
        if (_stopReason is not null)
        {
            job.Waiter.JobFailed(new SparkException($"Job {job.JobId} cancelled because {_stopReason}."));
            return;
        }

        try
        {
            var stage = new ResultStage(NextStageId(), job);
            foreach (var shuffle in AllShufflesBelow(job.FinalRdd)) MapStageOf(shuffle, job.JobId);
            _jobs.Add(job.JobId, job);
            _stages.Add(stage.Id, stage);
            Submit(stage);
        }
        catch (SparkException e)
        {
            _jobs.Remove(job.JobId);
            job.Waiter.JobFailed(e);
        }
    }

    private void OnStopJobs(StopJobs message)
    {
        _stopReason ??= message.Reason;
        foreach (var job in _jobs.Values.ToArray()) Fail(job, new SparkException($"Job {job.JobId} cancelled because {message.Reason}."));
    }

    /// <summary>Submits a stage, or first those of its parents whose outputs are not all there.</summary>
    private void Submit(Stage stage)
    {
        if (stage.Phase == StagePhase.Running || stage.Phase == StagePhase.Failed) return;
        var missing = MissingParents(stage);
        if (missing.Count == 0)
        {
            SubmitMissingTasks(stage);
            return;
        }

        stage.Phase = StagePhase.Waiting;
        foreach (var parent in missing) Submit(parent);
    }

    private void SubmitMissingTasks(Stage stage)
    {
        var missing = stage.MissingPartitions.ToArray();
        stage.Phase = StagePhase.Running;
        stage.Pending.Clear();
        stage.Pending.UnionWith(missing);
        if (missing.Length == 0)
        {
            FinishStage(stage);
            return;
        }

        TaskSet taskSet;
        try
        {
            var binary = new TaskBinary(_nextBinaryId++, ObjectSerializer.Serialize(stage.Operation, _serialization));
            var tasks = missing.Select(partition => new PartitionTask(partition, ObjectSerializer.Serialize(stage.Rdd.Partitions[partition], _serialization))).ToArray();
            taskSet = new TaskSet(stage.Id, stage.Attempts++, stage.FirstJobId, binary, _epoch, tasks);
        }
        catch (SerializationException e)
        {
            Abort(stage, $"Task not serializable: {e.Message}", e);
            return;
        }

        _log.StageSubmitted(stage.Id, taskSet.StageAttempt, stage.Rdd, missing.Length);
        _listeners.Post(new SparkListenerStageSubmitted(stage.Id, taskSet.StageAttempt, stage.Rdd.Name, missing.Length));
        _taskScheduler().Send(new SubmitTasks(taskSet));
    }

    /// <summary>All shuffles of a job, those that others need first, so that stage numbers grow along the flow of data.</summary>
    private static SortedDictionary<int, ShuffleDependency>.ValueCollection AllShufflesBelow(Rdd rdd)
    {
        var found = new SortedDictionary<int, ShuffleDependency>();
        var waiting = new Stack<Rdd>([rdd]);
        while (waiting.TryPop(out var next))
        {
            foreach (var shuffle in StageGraph.ShufflesBelow(next))
            {
                if (found.TryAdd(shuffle.ShuffleId, shuffle)) waiting.Push(shuffle.Parent);
            }
        }

        return found.Values;
    }

    private ShuffleMapStage MapStageOf(ShuffleDependency shuffle, int jobId)
    {
        if (_shuffleStages.TryGetValue(shuffle.ShuffleId, out var known)) return known;
        var stage = new ShuffleMapStage(NextStageId(), shuffle, jobId);
        _shuffleStages.Add(shuffle.ShuffleId, stage);
        _stages.Add(stage.Id, stage);

        // Without input there is nothing to run, but the reduce side still asks where its input lies.
        if (stage.IsAvailable) Publish(stage);
        return stage;
    }

    private List<ShuffleMapStage> MissingParents(Stage stage) =>
        [.. StageGraph.ShufflesBelow(stage.Rdd).Select(shuffle => MapStageOf(shuffle, stage.FirstJobId)).Where(static parent => !parent.IsAvailable)];

    private int NextStageId() => _nextStageId++;
}
