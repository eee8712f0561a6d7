using Sparkish.Dag;
using Sparkish.Tasks;

namespace Sparkish.Tests.Dag;

/// <summary>What follows from each event, without a context, an env or a task scheduler.</summary>
internal sealed class DagStateTests
{
    [Test]
    public void A_job_without_a_shuffle_is_one_stage()
    {
        var state = new DagState(maxStageAttempts: 4);

        var submitted = state.SubmitJob(DagJobs.Plain(jobId: 0, partitions: 2)).OfType<SubmitStage>().Single();
        var first = state.ResultComputed(submitted.StageId, 0, partition: 1, [1]);
        var second = state.ResultComputed(submitted.StageId, 0, partition: 0, [0]);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(submitted.Partitions, Is.EqualTo(new[] { 0, 1 }));
            Assert.That(first, Has.Count.EqualTo(1).And.One.TypeOf<PartitionComputed>());
            Assert.That(second, Has.Count.EqualTo(3));
            Assert.That(second[0], Is.TypeOf<PartitionComputed>());
            Assert.That(second[1], Is.EqualTo(new StageFinished(submitted.StageId, 0)));
            Assert.That(second[2], Is.EqualTo(new JobEnded(0, null)));
        }
    }

    [Test]
    public void A_lost_executor_costs_exactly_its_outputs()
    {
        var state = new DagState(maxStageAttempts: 4);
        var map = state.SubmitJob(DagJobs.Shuffled(jobId: 0, maps: 4, reduces: 1)).OfType<SubmitStage>().Single();
        foreach (var (partition, executor) in new[] { (0, "a"), (1, "b"), (2, "a") })
            state.MapOutputWritten(map.StageId, 0, partition, executor, DagJobs.Output(executor));

        state.ExecutorLost("a");
        var again = state.MapOutputWritten(map.StageId, 0, 3, "b", DagJobs.Output("b"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(again[0], Is.EqualTo(new StageIncomplete(map.StageId)));
            Assert.That(((SubmitStage)again[1]).Attempt, Is.EqualTo(1));
            Assert.That(((SubmitStage)again[1]).Partitions, Is.EqualTo(new[] { 0, 2 }));
        }
    }

    [Test]
    public void The_report_of_a_lost_executor_changes_nothing()
    {
        var state = new DagState(maxStageAttempts: 4);
        var map = state.SubmitJob(DagJobs.Shuffled(jobId: 0, maps: 1, reduces: 1)).OfType<SubmitStage>().Single();
        state.ExecutorLost("a");

        Assert.That(state.MapOutputWritten(map.StageId, 0, 0, "a", DagJobs.Output("a")), Is.Empty);
    }

    [Test]
    public void A_job_that_is_cancelled_takes_its_running_stage_along_and_spares_a_stage_that_others_need()
    {
        var state = new DagState(maxStageAttempts: 4);
        var shared = DagJobs.Shuffle(maps: 2, reduces: 1);
        var map = state.SubmitJob(DagJobs.Over(jobId: 0, shared, partitions: 1)).OfType<SubmitStage>().Single();
        state.SubmitJob(DagJobs.Over(jobId: 1, shared, partitions: 1));
        var plain = state.SubmitJob(DagJobs.Plain(jobId: 2, partitions: 1)).OfType<SubmitStage>().Single();

        var failed = state.StageFailed(plain.StageId, 0, "Task 0 failed 4 times", new FormatException("bad"));
        var stopped = state.StopJobs("SparkContext was shut down");
        var later = state.SubmitJob(DagJobs.Plain(jobId: 3, partitions: 1));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(failed.OfType<CancelStage>().Select(cancel => cancel.StageId),
                Is.EqualTo(new[] { plain.StageId }), "the map stage of the other jobs runs on");
            Assert.That(failed.OfType<JobEnded>().Single().Error, Has.Message.Contains("Task 0 failed 4 times").And.InnerException.TypeOf<FormatException>());
            Assert.That(stopped.OfType<CancelStage>().Select(cancel => cancel.StageId), Is.EqualTo(new[] { map.StageId }));
            Assert.That(stopped.OfType<JobEnded>().Select(end => end.JobId), Is.EqualTo(new[] { 0, 1 }));
            Assert.That(((JobEnded)later.Single()).Error, Has.Message.EqualTo("Job 3 cancelled because SparkContext was shut down."));
        }
    }

    [Test]
    public void A_corrupt_output_is_made_anew_by_itself_under_a_new_attempt_and_epoch()
    {
        var state = new DagState(maxStageAttempts: 4);
        var map = state.SubmitJob(DagJobs.Shuffled(jobId: 0, maps: 2, reduces: 1)).OfType<SubmitStage>().Single();
        state.MapOutputWritten(map.StageId, 0, 0, "a", DagJobs.Output("a"));
        var reduce = state.MapOutputWritten(map.StageId, 0, 1, "a", DagJobs.Output("a")).OfType<SubmitStage>().Single();

        var failed = state.FetchFailed(reduce.StageId, 0, new FetchFailed(0, 1, 0, "a", "checksum"));
        var mapAgain = state.ResubmitFailedStages().OfType<SubmitStage>().Single();
        var reduceAgain = state.MapOutputWritten(map.StageId, 1, 1, "b", DagJobs.Output("b")).OfType<SubmitStage>().Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(failed.Single(), Is.TypeOf<ScheduleResubmission>());
            Assert.That((mapAgain.StageId, mapAgain.Attempt), Is.EqualTo((map.StageId, 1)));
            Assert.That(mapAgain.Partitions, Is.EqualTo(new[] { 1 }));
            Assert.That((reduceAgain.StageId, reduceAgain.Attempt), Is.EqualTo((reduce.StageId, 1)));
            Assert.That(reduceAgain.Epoch, Is.GreaterThan(reduce.Epoch));
        }
    }

    [Test]
    public void An_output_that_comes_after_its_job_was_cancelled_is_made_again_by_the_next_job()
    {
        var state = new DagState(maxStageAttempts: 4);
        var shared = DagJobs.Shuffle(maps: 1, reduces: 1);
        var map = state.SubmitJob(DagJobs.Over(jobId: 0, shared, partitions: 1)).OfType<SubmitStage>().Single();
        state.StageFailed(map.StageId, 0, "given up", null);

        var late = state.MapOutputWritten(map.StageId, 0, 0, "a", DagJobs.Output("a"));
        var next = state.SubmitJob(DagJobs.Over(jobId: 1, shared, partitions: 1)).OfType<SubmitStage>().Single();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(late, Is.Empty);
            Assert.That((next.StageId, next.Attempt), Is.EqualTo((map.StageId + 2, 0)), "executors were never told of that output");
        }
    }

    [Test]
    public void A_lost_executor_is_forgotten_once_no_attempt_can_have_run_there()
    {
        var lost = new LostExecutors();

        lost.Add("a", submissions: 3, oldestActive: 1);
        var kept = lost.Contains("a");
        lost.Add("b", submissions: 5, oldestActive: 3);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(kept, Is.True);
            Assert.That(lost.Contains("a"), Is.False, "the oldest active attempt is younger than its loss");
            Assert.That(lost.Contains("b"), Is.True);
            Assert.That(lost.Count, Is.EqualTo(1));
        }
    }
}
