using Sparkish.Tasks;

namespace Sparkish.Dag;

/// <summary>The consequences of lost executors and map outputs.</summary>
internal sealed partial class DagState
{
    /// <summary>An executor is gone, and its map outputs with it.</summary>
    public IReadOnlyList<DagDecision> ExecutorLost(string executorId)
    {
        var active = _stages.Values.Where(static stage => stage.Phase != StagePhase.Idle && stage.Submission >= 0).Select(static stage => stage.Submission);
        _lostExecutors.Add(executorId, _submissions, active.DefaultIfEmpty(_submissions).Min());
        RemoveOutputsOf(executorId);
        return Decided();
    }

    /// <summary>
    /// Called when a task could not fetch its input: its stage waits until the outputs have been recomputed. A late report of an earlier attempt was handled
    /// already.
    /// </summary>
    public IReadOnlyList<DagDecision> FetchFailed(int stageId, int attempt, FetchFailed reason)
    {
        if (!_stages.TryGetValue(stageId, out var stage) || !stage.IsCurrent(attempt)) return [];
        if (_shuffleStages.TryGetValue(reason.ShuffleId, out var map)) RemoveFailedOutputs(map, reason);

        // Further tasks of the attempt may name further outputs, but the attempt fails once.
        if (!stage.FetchFailedAttempts.Add(attempt)) return Decided();
        if (stage.FetchFailedAttempts.Count >= maxStageAttempts)
        {
            Abort(
                stage,
                    $"{stage.Rdd} in stage {stage.Id} has failed the maximum allowable number of times: {maxStageAttempts}. Most recent failure reason: {reason.Message}", null);
            return Decided();
        }

        if (_stages.Values.All(static other => other.Phase != StagePhase.Failed)) _decisions.Add(new ScheduleResubmission());
        stage.Phase = StagePhase.Failed;
        return Decided();
    }

    /// <summary>Called a moment after a fetch failed: failures of the same cause have all arrived.</summary>
    public IReadOnlyList<DagDecision> ResubmitFailedStages()
    {
        var failed = InOrderOfJobs(StagePhase.Failed);
        foreach (var stage in failed) stage.Phase = StagePhase.Idle;
        foreach (var stage in failed) Submit(stage);
        return Decided();
    }

    /// <summary>A single corrupt output is recomputed by itself; an executor that does not serve its outputs loses all of them.</summary>
    private void RemoveFailedOutputs(ShuffleMapStage map, FetchFailed reason)
    {
        if (reason.MapIndex >= 0)
            map.RemoveOutputs((index, output) => index == reason.MapIndex && (reason.ExecutorId is null || output.ExecutorId == reason.ExecutorId));
        else if (reason.ExecutorId is { } executorId) RemoveOutputsOf(executorId);
        _epoch++;
    }

    private void RemoveOutputsOf(string executorId)
    {
        _epoch++;
        foreach (var stage in _shuffleStages.Values) stage.RemoveOutputs((_, output) => output.ExecutorId == executorId);
    }
}
