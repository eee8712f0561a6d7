using Sparkish.Shuffle;

namespace Sparkish.Dag;

/// <summary>The consequences of the ends of tasks, stages and jobs.</summary>
internal sealed partial class DagState
{
    /// <summary>A task of a last stage has succeeded.</summary>
    public IReadOnlyList<DagDecision> ResultComputed(int stageId, int attempt, int partition, byte[] result)
    {
        if (_stages.GetValueOrDefault(stageId) is not ResultStage stage || !stage.IsCurrent(attempt)) return [];
        if (stage.Job.Finish(partition) is var position and >= 0) _decisions.Add(new PartitionComputed(stage.Job.JobId, position, result));
        stage.Pending.Remove(partition);
        if (stage.Job.IsFinished) Finish(stage);
        return Decided();
    }

    /// <summary>A task of a map stage has succeeded.</summary>
    public IReadOnlyList<DagDecision> MapOutputWritten(int stageId, int attempt, int partition, string executorId, MapStatus status)
    {
        if (_stages.GetValueOrDefault(stageId) is not ShuffleMapStage stage || !stage.IsCurrent(attempt)) return [];

        // A report that was on its way while its executor was lost: the files are gone with it.
        if (_lostExecutors.Contains(executorId)) return [];
        stage.AddOutput(partition, status);
        stage.Pending.Remove(partition);
        TryFinish(stage);
        return Decided();
    }

    /// <summary>Called when an attempt cannot continue: a task failed too often, or could not be created.</summary>
    public IReadOnlyList<DagDecision> StageFailed(int stageId, int attempt, string reason, Exception? cause)
    {
        if (!_stages.TryGetValue(stageId, out var stage) || !stage.IsCurrent(attempt)) return [];
        Abort(stage, reason, cause);
        return Decided();
    }

    /// <summary>A map stage is complete when no task of its attempt is pending; partitions lost meanwhile are retried.</summary>
    private void TryFinish(ShuffleMapStage stage)
    {
        if (stage.Phase != StagePhase.Running || stage.Pending.Count > 0) return;
        if (stage.IsAvailable)
        {
            Finish(stage);
            return;
        }

        _decisions.Add(new StageIncomplete(stage.Id));
        stage.Phase = StagePhase.Idle;
        Submit(stage);
    }

    private void Finish(Stage stage)
    {
        stage.Phase = StagePhase.Idle;
        stage.FetchFailedAttempts.Clear();
        _decisions.Add(new StageFinished(stage.Id, stage.Attempts - 1));
        switch (stage)
        {
            case ResultStage result: End(result.Job, error: null); break;
            case ShuffleMapStage map: Publish(map); break;
        }
    }

    /// <summary>Publishes the locations of the outputs to executors and submits the stages that waited for them.</summary>
    private void Publish(ShuffleMapStage stage)
    {
        _epoch++;
        _decisions.Add(new PublishMapOutputs(stage.ShuffleId, _epoch, stage.Outputs));
        foreach (var waiting in InOrderOfJobs(StagePhase.Waiting))
        {
            if (MissingParents(waiting).Count == 0) SubmitMissingTasks(waiting);
        }
    }

    /// <summary>Fails every job that needs a stage.</summary>
    private void Abort(Stage stage, string reason, Exception? cause)
    {
        _decisions.Add(new StageAborted(stage.Id, reason));
        var error = new SparkException($"Job aborted due to stage failure: {reason}", cause);
        foreach (var job in _jobs.Values.Where(job => StagesOf(job).Contains(stage)).ToArray()) End(job, error);
    }

    /// <summary>Forgets a job and its last stage, and stops the work that only it needed. Finished map outputs stay for later jobs.</summary>
    private void End(ActiveJob job, SparkException? error)
    {
        _jobs.Remove(job.JobId);
        var stillNeeded = _jobs.Values.SelectMany(StagesOf).ToHashSet();
        foreach (var stage in StagesOf(job).Where(stage => !stillNeeded.Contains(stage)))
        {
            // Tasks run for an incomplete stage, even while it waits for lost input, and a completed stage may have stragglers of an earlier attempt.
            if (stage.Attempts > (stage.Phase == StagePhase.Idle ? 1 : 0)) _decisions.Add(new CancelStage(stage.Id, error?.Message ?? "Stage finished"));
            stage.Phase = StagePhase.Idle;
            if (stage is ResultStage) _stages.Remove(stage.Id);
        }

        _decisions.Add(new JobEnded(job.JobId, error));
    }

    private List<Stage> StagesOf(ActiveJob job) =>
    [
        .. _stages.Values.OfType<ResultStage>().Where(stage => stage.Job == job),
        .. StageGraph.AllShufflesBelow(job.FinalRdd).Select(shuffle => _shuffleStages[shuffle.ShuffleId]),
    ];

    private Stage[] InOrderOfJobs(StagePhase phase) => [.. _stages.Values.Where(stage => stage.Phase == phase).OrderBy(static stage => stage.FirstJobId)];
}
