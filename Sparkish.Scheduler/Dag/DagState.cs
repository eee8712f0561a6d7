using System.Diagnostics;
using Sparkish.Shuffle;

namespace Sparkish.Dag;

/// <summary>
/// The jobs of an application, their stages, and the existing map outputs. Plain state: each event is a method that returns its consequences, in order. It has
/// no clock, messages, serialization or log; <see cref="DagScheduler"/> drives it.
/// </summary>
internal sealed partial class DagState(int maxStageAttempts)
{
    private readonly Dictionary<int, ActiveJob> _jobs = [];
    private readonly Dictionary<int, Stage> _stages = [];
    private readonly Dictionary<int, ShuffleMapStage> _shuffleStages = [];
    private readonly LostExecutors _lostExecutors = new();
    private List<DagDecision> _decisions = [];
    private string? _stopReason;
    private int _nextStageId;
    private int _submissions;
    private int _epoch;

    /// <summary>Whether a job needs a stage, or its map outputs are kept for later jobs.</summary>
    public bool Contains(int stageId) => _stages.ContainsKey(stageId);

    public bool IsMapStage(int stageId) => _stages.GetValueOrDefault(stageId) is ShuffleMapStage;

    /// <summary>A job arrives: its last stage is submitted, or first those that it waits for.</summary>
    public IReadOnlyList<DagDecision> SubmitJob(ActiveJob job)
    {
        if (_stopReason is not null) return [new JobEnded(job.JobId, Cancelled(job, _stopReason))];
        foreach (var shuffle in StageGraph.AllShufflesBelow(job.FinalRdd))
        {
            if (_shuffleStages.TryGetValue(shuffle.ShuffleId, out var known)) RenewUnlessInUse(known, shuffle, job.JobId);
            else MapStageOf(shuffle, job.JobId);
        }

        var stage = new ResultStage(_nextStageId++, job);
        _jobs.Add(job.JobId, job);
        _stages.Add(stage.Id, stage);
        Submit(stage);
        return Decided();
    }

    /// <summary>Called when the application ends: its jobs fail, and later ones at once.</summary>
    public IReadOnlyList<DagDecision> StopJobs(string reason)
    {
        _stopReason ??= reason;
        foreach (var job in _jobs.Values.ToArray()) End(job, Cancelled(job, reason));
        return Decided();
    }

    private static SparkException Cancelled(ActiveJob job, string reason) => new($"Job {job.JobId} cancelled because {reason}.");

    /// <summary>Submits a stage, or first those of its parents with missing outputs.</summary>
    private void Submit(Stage stage)
    {
        if (stage.Phase is StagePhase.Running or StagePhase.Failed) return;
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
        int[] missing = [.. stage.MissingPartitions];
        stage.Phase = StagePhase.Running;
        stage.Pending.Clear();
        stage.Pending.UnionWith(missing);
        if (missing.Length == 0) Finish(stage);
        else _decisions.Add(new SubmitStage(stage.Id, stage.Begin(_submissions++), stage.FirstJobId, stage.Rdd, stage.Operation, _epoch, missing));
    }

    private ShuffleMapStage MapStageOf(ShuffleDependency shuffle, int jobId)
    {
        if (_shuffleStages.TryGetValue(shuffle.ShuffleId, out var known)) return known;
        var stage = new ShuffleMapStage(_nextStageId++, shuffle, jobId);
        _shuffleStages.Add(shuffle.ShuffleId, stage);
        _stages.Add(stage.Id, stage);

        // Without input there is nothing to run, but the reduce side still asks for the locations of its input.
        if (stage.IsAvailable) Publish(stage);
        return stage;
    }

    // As in Spark, each job numbers its own stages, including those that it skips because their outputs exist.
    private void RenewUnlessInUse(ShuffleMapStage known, ShuffleDependency shuffle, int jobId)
    {
        if (known.Phase != StagePhase.Idle || _jobs.Values.Any(job => StageGraph.AllShufflesBelow(job.FinalRdd).Contains(shuffle))) return;
        var renewed = new ShuffleMapStage(_nextStageId++, shuffle, jobId, known.Outputs);
        _stages.Remove(known.Id);
        _stages.Add(renewed.Id, renewed);
        _shuffleStages[shuffle.ShuffleId] = renewed;
    }

    private List<ShuffleMapStage> MissingParents(Stage stage) =>
        [.. StageGraph.ShufflesBelow(stage.Rdd).Select(shuffle => MapStageOf(shuffle, stage.FirstJobId)).Where(static parent => !parent.IsAvailable)];

    /// <summary>Hands out the decisions of the event that was just handled.</summary>
    private List<DagDecision> Decided()
    {
        Debug.Assert(_stages.Values.All(static stage => stage.Phase != StagePhase.Running || stage.Pending.Count > 0), "A running stage waits for tasks.");
        var decided = _decisions;
        _decisions = [];
        return decided;
    }
}
