using FsCheck;
using Sparkish.Dag;

namespace Sparkish.Tests.Dag;

/// <summary>Runs of a job of three stages whose tasks end in any order, on executors that are lost and with fetches that fail.</summary>
internal sealed class DagStateProperties
{
    [FsCheck.NUnit.Property(MaxTest = 300)]
    public bool A_run_submits_only_missing_partitions_of_stages_whose_input_is_there_and_ends_once(int seed)
    {
        var run = new DagRun(seed);

        run.ToTheEnd();

        return run.Ended == 1 && (run.Failed || run.Results.SetEquals(Enumerable.Range(0, run.Reduces)));
    }

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public bool Late_events_of_earlier_attempts_change_nothing(int seed)
    {
        // Two runs of the same choices, one of which also hears all that stragglers of earlier attempts may say.
        var (run, disturbed) = (new DagRun(seed), new DagRun(seed) { HearsStragglers = true });

        run.ToTheEnd();
        disturbed.ToTheEnd();

        return run.Transcript.SequenceEqual(disturbed.Transcript, StringComparer.Ordinal);
    }

    [FsCheck.NUnit.Property(MaxTest = 300)]
    public bool Lost_outputs_are_resubmitted_exactly(NonEmptyArray<byte> placement, byte lost)
    {
        var executors = placement.Get.Select(executor => $"e{executor % 4}").ToArray();
        var state = new DagState(maxStageAttempts: 4);
        var map = state.SubmitJob(DagJobs.Shuffled(jobId: 0, executors.Length + 1, reduces: 1)).OfType<SubmitStage>().Single();
        for (var partition = 0; partition < executors.Length; partition++)
            state.MapOutputWritten(map.StageId, 0, partition, executors[partition], DagJobs.Output(executors[partition]));

        state.ExecutorLost($"e{lost % 4}");
        var next = state.MapOutputWritten(map.StageId, 0, executors.Length, "other", DagJobs.Output("other")).OfType<SubmitStage>().Single();

        int[] missing = [.. Enumerable.Range(0, executors.Length).Where(partition => executors[partition] == $"e{lost % 4}")];
        return missing.Length == 0 ? next.StageId != map.StageId : next.StageId == map.StageId && next.Partitions.SequenceEqual(missing);
    }

    [FsCheck.NUnit.Property(MaxTest = 200)]
    public bool A_job_whose_user_code_throws_ends_with_its_error_and_leaves_nothing_running(int seed, byte steps)
    {
        var run = new DagRun(seed);
        for (var step = 0; step < steps % 30 && run.Ended == 0; step++) run.Step();
        if (run.Ended > 0 || run.Running.Count == 0) return true;

        var error = new FormatException("bad");
        var decisions = run.FailRunningStage(error);

        return decisions.OfType<JobEnded>().Single().Error!.InnerException == error && run.Running.Count == 0;
    }
}
