using System.Runtime.ExceptionServices;
using Sparkish.Events;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Shuffle;
using Sparkish.Tasks;

namespace Sparkish.Dag;

/// <summary>What follows when tasks, stages and jobs end.</summary>
internal sealed partial class DagScheduler
{
    private void OnTaskEnded(TaskEnded message)
    {
        if (!_stages.TryGetValue(message.Task.StageId, out var stage)) return;
        switch (stage, message.Reason)
        {
            case (ResultStage s, TaskSucceeded r): OnResult(s, message.Task.PartitionId, r.Result); break;
            case (ShuffleMapStage s, TaskSucceeded r): OnMapOutput(s, message, r.Result); break;
            case (_, FetchFailed r): OnFetchFailed(stage, message, r); break;
            case (_, TaskKilled): break;
            default: _log.TaskFailed(message.Task.Name, message.ExecutorId, message.Reason); break;
        }
    }

    private void OnTaskSetFailed(TaskSetFailed message)
    {
        if (_stages.TryGetValue(message.StageId, out var stage)) Abort(stage, message.Message, UserException(message.LastFailure));
    }

    private void OnResult(ResultStage stage, int partition, byte[] result)
    {
        stage.Job.Finish(partition, result);
        stage.Pending.Remove(partition);
        if (stage.Job.IsFinished) FinishStage(stage);
    }

    private void OnMapOutput(ShuffleMapStage stage, TaskEnded message, byte[] result)
    {
        // A report that was on its way while its executor was lost: the files are gone with it.
        if (_lostExecutors.Contains(message.ExecutorId)) return;
        var reader = new ByteReader(result, _serialization);
        stage.AddOutput(message.Task.PartitionId, Codec.For<MapStatus>().Read(ref reader));
        stage.Pending.Remove(message.Task.PartitionId);
        TryFinishMapStage(stage);
    }

    /// <summary>A map stage is over when nothing of its attempt is out; what was lost meanwhile is tried again.</summary>
    private void TryFinishMapStage(ShuffleMapStage stage)
    {
        if (stage.Phase != StagePhase.Running || stage.Pending.Count > 0) return;
        if (stage.IsAvailable)
        {
            FinishStage(stage);
            return;
        }

        _log.OutputsLostMeanwhile(stage.Id);
        stage.Phase = StagePhase.Idle;
        Submit(stage);
    }

    private void FinishStage(Stage stage)
    {
        stage.Phase = StagePhase.Idle;
        stage.FetchFailedAttempts.Clear();
        _log.StageFinished(stage.Id);
        _listeners.Post(new SparkListenerStageCompleted(stage.Id, stage.Attempts - 1));
        switch (stage)
        {
            case ResultStage result: Succeed(result.Job); break;
            case ShuffleMapStage map: Publish(map); break;
        }
    }

    /// <summary>Tells executors where the outputs lie and submits the stages that waited for them.</summary>
    private void Publish(ShuffleMapStage stage)
    {
        _epoch++;
        _mapOutputTracker.Send(new RegisterMapOutputs(stage.ShuffleId, _epoch, stage.Outputs));
        foreach (var waiting in _stages.Values.Where(static other => other.Phase == StagePhase.Waiting).OrderBy(static other => other.FirstJobId).ToArray())
        {
            if (MissingParents(waiting).Count == 0) SubmitMissingTasks(waiting);
        }
    }

    private void Succeed(ActiveJob job)
    {
        EndJob(job, "Stage finished");
        _listeners.Post(new SparkListenerJobEnd(job.JobId, Succeeded: true));
        job.Waiter.JobSucceeded();
    }

    /// <summary>Fails every job that needs a stage.</summary>
    private void Abort(Stage stage, string reason, Exception? cause)
    {
        _log.StageAborted(stage.Id, reason);
        var error = new SparkException($"Job aborted due to stage failure: {reason}", cause);
        foreach (var job in _jobs.Values.Where(job => StagesOf(job).Contains(stage)).ToArray()) Fail(job, error);
    }

    private void Fail(ActiveJob job, SparkException error)
    {
        EndJob(job, error.Message);
        _listeners.Post(new SparkListenerJobEnd(job.JobId, Succeeded: false));
        job.Waiter.JobFailed(error);
    }

    /// <summary>Forgets a job and its last stage, and stops the work that only it needed. Finished map outputs stay for later jobs.</summary>
    private void EndJob(ActiveJob job, string reason)
    {
        _jobs.Remove(job.JobId);
        var stillNeeded = _jobs.Values.SelectMany(StagesOf).ToHashSet();
        foreach (var stage in StagesOf(job).Where(stage => !stillNeeded.Contains(stage)))
        {
            // A result stage that came through may have stragglers of an earlier attempt.
            if (stage.Phase == StagePhase.Running || stage.Attempts > 1) _taskScheduler().Send(new CancelTasks(stage.Id, reason));
            stage.Phase = StagePhase.Idle;
            if (stage is ResultStage) _stages.Remove(stage.Id);
        }
    }

    private List<Stage> StagesOf(ActiveJob job) =>
    [
        .. _stages.Values.OfType<ResultStage>().Where(stage => stage.Job == job),
        .. AllShufflesBelow(job.FinalRdd).Select(shuffle => MapStageOf(shuffle, job.JobId)),
    ];

    private Exception? UserException(ExceptionFailure? failure)
    {
        if (failure is null) return null;
        try
        {
            if (failure.Exception.Length > 0) return ObjectSerializer.Deserialize<Exception>(failure.Exception, _serialization);
        }
        catch (SerializationException e)
        {
            _log.ExceptionUnreadable(e, failure.ClassName);
        }

        return ExceptionDispatchInfo.SetRemoteStackTrace(new RemoteException(failure.ClassName, failure.Description, null), failure.StackTrace);
    }
}
