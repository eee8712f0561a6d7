using Sparkish.Tasks;

namespace Sparkish.Dag;

/// <summary>What follows when executors and map outputs are lost.</summary>
internal sealed partial class DagScheduler
{
    private void OnExecutorLost(ExecutorLost message)
    {
        _log.ExecutorLost(message.ExecutorId, message.Message);
        _lostExecutors.Add(message.ExecutorId);
        RemoveOutputsOf(message.ExecutorId);
    }

    private void OnFetchFailed(Stage stage, TaskEnded message, FetchFailed reason)
    {
        _log.TaskFailed(message.Task.Name, message.ExecutorId, reason);

        // A straggler of an earlier attempt reports what was handled already.
        if (message.Task.StageAttempt != stage.Attempts - 1) return;
        if (_shuffleStages.TryGetValue(reason.ShuffleId, out var map)) RemoveFailedOutputs(map, reason);

        // Further tasks of the attempt may name further outputs, but the attempt fails once.
        if (!stage.FetchFailedAttempts.Add(message.Task.StageAttempt)) return;
        if (stage.FetchFailedAttempts.Count >= _maxStageAttempts)
        {
            Abort(stage, $"{stage.Rdd} in stage {stage.Id} has failed the maximum allowable number of times: {_maxStageAttempts}. Most recent failure reason: {reason.Message}", null);
            return;
        }

        if (_stages.Values.All(static other => other.Phase != StagePhase.Failed)) Env.ScheduleOnce(ResubmitDelay, Self, new ResubmitFailedStages());
        stage.Phase = StagePhase.Failed;
    }

    private void OnResubmitFailedStages()
    {
        var failed = _stages.Values.Where(static stage => stage.Phase == StagePhase.Failed).OrderBy(static stage => stage.FirstJobId).ToArray();
        foreach (var stage in failed) stage.Phase = StagePhase.Idle;
        foreach (var stage in failed) Submit(stage);
    }

    /// <summary>One corrupt output is made anew by itself; an executor that does not serve its outputs loses all of them.</summary>
    private void RemoveFailedOutputs(ShuffleMapStage map, FetchFailed reason)
    {
        if (reason.MapIndex >= 0) map.RemoveOutputs((index, output) => index == reason.MapIndex && (reason.ExecutorId is null || output.ExecutorId == reason.ExecutorId));
        else if (reason.ExecutorId is { } executorId) RemoveOutputsOf(executorId);
        _epoch++;
    }

    private void RemoveOutputsOf(string executorId)
    {
        _epoch++;
        foreach (var stage in _shuffleStages.Values) stage.RemoveOutputs((_, output) => output.ExecutorId == executorId);
    }
}
