using Sparkish.Dag;
using Sparkish.Tasks;

namespace Sparkish.Tests.Dag;

/// <summary>
/// A run of <see cref="DagState"/> with a task scheduler of a few lines: chosen by a seed, tasks succeed, cannot fetch, or lose their executor. It checks
/// each submission against its own account of which outputs exist.
/// </summary>
internal sealed class DagRun
{
    private const int Executors = 3;

    private readonly Random _random;
    private readonly DagState _state = new(maxStageAttempts: 4);
    private readonly Dictionary<int, Dictionary<int, string>> _outputs = new() { [0] = [], [1] = [] };
    private readonly int[] _maps;
    private readonly List<SubmitStage> _earlier = [];
    private readonly Dictionary<int, int> _attempts = [];
    private bool _resubmissionDue;
    private int _troubles = 12;
    private int _nextExecutor = Executors;
    private readonly List<string> _executors = [.. Enumerable.Range(0, Executors).Select(number => $"e{number}")];

    public DagRun(int seed)
    {
        _random = new Random(seed);
        _maps = [_random.Next(1, 5), _random.Next(1, 5)];
        Reduces = _random.Next(1, 4);
        Follow(_state.SubmitJob(DagJobs.Chain(jobId: 0, _maps[0], _maps[1], Reduces)));
    }

    public int Reduces { get; }

    /// <summary>Whether the state also hears what tasks of earlier attempts say.</summary>
    public bool HearsStragglers { get; init; }

    /// <summary>The tasks that run: stage, attempt and partition.</summary>
    public List<(SubmitStage Stage, int Partition)> Running { get; } = [];

    /// <summary>The partitions of the job that were computed.</summary>
    public HashSet<int> Results { get; } = [];

    /// <summary>How often the job has ended.</summary>
    public int Ended { get; private set; }

    public bool Failed { get; private set; }

    /// <summary>All decisions, as text.</summary>
    public List<string> Transcript { get; } = [];

    public void ToTheEnd()
    {
        for (var steps = 0; Ended == 0; steps++)
        {
            Assert.That(steps, Is.LessThan(2000), $"The job does not end:\n{string.Join('\n', Transcript)}");
            Step();
        }
    }

    public void Step()
    {
        if (HearsStragglers) HearStragglers();
        if (Running.Count == 0 || (_resubmissionDue && _random.Next(3) == 0))
        {
            Assert.That(_resubmissionDue, Is.True, $"Nothing runs and nothing will:\n{string.Join('\n', Transcript)}");
            _resubmissionDue = false;
            Follow(_state.ResubmitFailedStages());
            return;
        }

        var place = _random.Next(Running.Count);
        var trouble = _troubles > 0 ? _random.Next(6) : 6;
        if (trouble < 2) _troubles--;
        if (trouble == 0) LoseExecutor();
        else if (trouble == 1 && InputOf(Running[place].Stage) is { } shuffle) FailFetch(place, shuffle);
        else Succeed(place);
    }

    public IReadOnlyList<DagDecision> FailRunningStage(Exception error)
    {
        var stage = Running[_random.Next(Running.Count)].Stage;
        var decisions = _state.StageFailed(stage.StageId, stage.Attempt, "Task 0 failed 4 times", error);
        Follow(decisions);
        return decisions;
    }

    private void Succeed(int place)
    {
        var (stage, partition) = Running[place];
        Running.RemoveAt(place);
        if (OutputOf(stage) is not { } shuffle)
        {
            Follow(_state.ResultComputed(stage.StageId, stage.Attempt, partition, [1]));
            return;
        }

        var executor = _executors[_random.Next(_executors.Count)];
        if (IsCurrent(stage)) _outputs[shuffle].TryAdd(partition, executor);
        Follow(_state.MapOutputWritten(stage.StageId, stage.Attempt, partition, executor, DagJobs.Output(executor)));
    }

    private void FailFetch(int place, int shuffle)
    {
        var (stage, partition) = Running[place];
        Running.RemoveAt(place);
        var map = _random.Next(_maps[shuffle]);
        var executor = _outputs[shuffle].GetValueOrDefault(map);
        var whole = _random.Next(2) == 0;
        if (IsCurrent(stage) && whole && executor is not null) ForgetOutputsOf(executor);
        else if (IsCurrent(stage) && !whole) _outputs[shuffle].Remove(map);
        Follow(_state.FetchFailed(stage.StageId, stage.Attempt, new FetchFailed(shuffle, whole ? -1 : map, partition, executor, "gone")));
    }

    private void LoseExecutor()
    {
        var executor = _executors[_random.Next(_executors.Count)];
        _executors.Remove(executor);
        _executors.Add($"e{_nextExecutor++}");
        ForgetOutputsOf(executor);
        Follow(_state.ExecutorLost(executor));
    }

    private void ForgetOutputsOf(string executor)
    {
        foreach (var outputs in _outputs.Values)
        {
            foreach (var (map, holder) in outputs.ToArray())
            {
                if (holder == executor) outputs.Remove(map);
            }
        }
    }

    // The reports of attempts that were followed by another one: nothing may come of them.
    private void HearStragglers()
    {
        foreach (var stage in _earlier)
        {
            Expect(_state.ResultComputed(stage.StageId, stage.Attempt, 0, [9]));
            Expect(_state.MapOutputWritten(stage.StageId, stage.Attempt, 0, "straggler", DagJobs.Output("straggler")));
            Expect(_state.FetchFailed(stage.StageId, stage.Attempt, new FetchFailed(0, 0, 0, _executors[0], "late")));
            Expect(_state.StageFailed(stage.StageId, stage.Attempt, "late", null));
        }

        static void Expect(IReadOnlyList<DagDecision> decisions) => Assert.That(decisions, Is.Empty, "Something came of a report of an earlier attempt.");
    }

    private void Follow(IReadOnlyList<DagDecision> decisions)
    {
        foreach (var decision in decisions)
        {
            Transcript.Add(decision is SubmitStage s ? $"Submit {s.StageId}.{s.Attempt}: {string.Join(',', s.Partitions)}" : decision.ToString()!);
            switch (decision)
            {
                case SubmitStage d: OnSubmit(d); break;
                case CancelStage d: Running.RemoveAll(task => task.Stage.StageId == d.StageId); break;
                case ScheduleResubmission: _resubmissionDue = true; break;
                case PartitionComputed d: Assert.That(Results.Add(d.Position), Is.True, "A partition is computed once."); break;
                case JobEnded d: (Ended, Failed) = (Ended + 1, d.Error is not null); break;
            }
        }
    }

    private void OnSubmit(SubmitStage stage)
    {
        if (InputOf(stage) is { } input) Assert.That(_outputs[input], Has.Count.EqualTo(_maps[input]), "A stage is submitted when all its input is there.");
        int[] missing = OutputOf(stage) is { } output
            ? [.. Enumerable.Range(0, _maps[output]).Where(map => !_outputs[output].ContainsKey(map))]
            : [.. Enumerable.Range(0, Reduces).Where(partition => !Results.Contains(partition))];
        Assert.That(stage.Partitions, Is.EqualTo(missing), "Exactly what is missing is submitted.");

        // As the task scheduler does: an earlier attempt launches nothing more.
        _earlier.AddRange(Running.Select(task => task.Stage).Where(other => other.StageId == stage.StageId).Distinct());
        Running.RemoveAll(task => task.Stage.StageId == stage.StageId);
        _attempts[stage.StageId] = stage.Attempt;
        Running.AddRange(stage.Partitions.Select(partition => (stage, partition)));
    }

    private bool IsCurrent(SubmitStage stage) => _attempts[stage.StageId] == stage.Attempt;

    // Stages are numbered along the flow of data: the two map stages, then the result stage.
    private static int? InputOf(SubmitStage stage) => stage.StageId == 0 ? null : stage.StageId - 1;

    private static int? OutputOf(SubmitStage stage) => stage.StageId < 2 ? stage.StageId : null;
}
