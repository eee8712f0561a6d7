using FsCheck;
using FsCheck.Fluent;
using Sparkish.Compute;
using Sparkish.Tasks;
using TaskScheduler = Sparkish.Tasks.TaskScheduler;

namespace Sparkish.Tests.Tasks;

public sealed class TaskSchedulerTests
{
    [Test]
    public void Tasks_are_launched_in_order_up_to_the_free_cores_one_for_each_executor_in_turn()
    {
        var scheduler = NewScheduler(("a", 2), ("b", 1));
        scheduler.Submit(NewTaskSet(stageId: 0, tasks: 5));

        var launched = scheduler.Offer();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(launched.Select(attempt => attempt.Description.PartitionId), Is.EqualTo(new[] { 0, 1, 2 }));
            Assert.That(launched.Count(attempt => attempt.ExecutorId == "a"), Is.EqualTo(2));
            Assert.That(scheduler.Offer(), Is.Empty);
        }
    }

    [Test]
    public void An_earlier_job_goes_first()
    {
        var scheduler = NewScheduler(("a", 2));
        scheduler.Submit(NewTaskSet(stageId: 5, tasks: 2, jobId: 1));
        scheduler.Submit(NewTaskSet(stageId: 6, tasks: 1, jobId: 0));

        Assert.That(scheduler.Offer().Select(attempt => attempt.Description.StageId), Is.EqualTo(new[] { 6, 5 }));
    }

    [Test]
    public void A_failed_task_is_tried_again_until_its_failures_are_used_up()
    {
        var scheduler = NewScheduler(("a", 1));
        scheduler.Submit(NewTaskSet(stageId: 0, tasks: 1));

        var ends = Enumerable.Range(0, 4).Select(_ => scheduler.End(scheduler.Offer().Single().Description.TaskId, Failure())!).ToArray();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(ends.Select(end => end.Attempt.Description.AttemptNumber), Is.EqualTo(new[] { 0, 1, 2, 3 }));
            Assert.That(ends.Take(3).Select(end => end.Abort), Is.All.Null);
            Assert.That(ends[3].Abort, Is.EqualTo(
                "Task 0 in stage 0.0 failed 4 times, most recent failure: Lost task 0.3 in stage 0.0 (TID 3) (executor a): System.Exception: bad"));
            Assert.That(ends[3].TaskSetFinished, Is.True);
            Assert.That(scheduler.Offer(), Is.Empty);
        }
    }

    [Test]
    public void An_executor_that_is_lost_through_no_fault_of_its_tasks_does_not_count()
    {
        var scheduler = NewScheduler(("a", 1));
        scheduler.Submit(NewTaskSet(stageId: 0, tasks: 1));

        for (var i = 0; i < 10; i++)
        {
            scheduler.Offer();
            var ends = scheduler.RemoveExecutor("a", exitCausedByApp: false, "gone");
            Assert.That(ends.Single().Abort, Is.Null);
            scheduler.AddExecutor("a", 1);
        }

        Assert.That(scheduler.Offer(), Has.Count.EqualTo(1));
    }

    [Test]
    public void A_task_whose_input_is_lost_ends_its_set_without_counting()
    {
        var scheduler = NewScheduler(("a", 2));
        scheduler.Submit(NewTaskSet(stageId: 0, tasks: 4));
        var launched = scheduler.Offer();

        var first = scheduler.End(launched[0].Description.TaskId, new FetchFailed(1, 0, 0, "b", "lost"))!;
        var second = scheduler.End(launched[1].Description.TaskId, new TaskSucceeded([]))!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That((first.Abort, first.TaskSetFinished), Is.EqualTo((null as string, false)));
            Assert.That((second.Abort, second.TaskSetFinished), Is.EqualTo((null as string, true)));
            Assert.That(scheduler.Offer(), Is.Empty);
        }
    }

    [Test]
    public void Results_beyond_the_limit_end_the_set()
    {
        var scheduler = new TaskScheduler(new TaskSchedulerOptions(MaxFailures: 4, MaxResultSize: 100), new Random(1));
        scheduler.AddExecutor("a", 2);
        scheduler.Submit(NewTaskSet(stageId: 0, tasks: 2));
        var launched = scheduler.Offer();

        scheduler.End(launched[0].Description.TaskId, new TaskSucceeded(new byte[60]));
        var second = scheduler.End(launched[1].Description.TaskId, new TaskSucceeded(new byte[60]))!;

        Assert.That(second.Abort,
            Does.StartWith("Total size of serialized results of 2 tasks (120 bytes) is bigger than spark.driver.maxResultSize (100 bytes)"));
    }

    [Test]
    public void A_disabled_executor_ends_its_tasks_and_gets_no_more()
    {
        var scheduler = NewScheduler(("a", 1));
        scheduler.Submit(NewTaskSet(stageId: 0, tasks: 2));
        var running = scheduler.Offer().Single();

        scheduler.Disable("a");
        var end = scheduler.End(running.Description.TaskId, new TaskSucceeded([]));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(end!.TaskSetFinished, Is.False);
            Assert.That(scheduler.Offer(), Is.Empty);
            Assert.That(scheduler.IsStarving, Is.True);
        }
    }

    [Test]
    public void A_cancelled_stage_gives_back_what_runs_and_launches_nothing()
    {
        var scheduler = NewScheduler(("a", 1));
        scheduler.Submit(NewTaskSet(stageId: 0, tasks: 3));
        var running = scheduler.Offer();

        var cancelled = scheduler.Cancel(0);
        var end = scheduler.End(running.Single().Description.TaskId, new TaskKilled("not needed"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(cancelled.Running, Is.EqualTo(running));
            Assert.That(end!.TaskSetFinished, Is.True);
            Assert.That(scheduler.Offer(), Is.Empty);
        }
    }

    [FsCheck.NUnit.Property]
    public Property Whatever_fails_and_whoever_leaves_every_task_succeeds_once_and_no_core_is_overbooked()
    {
        return Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var cores = Enumerable.Range(0, 3).ToDictionary(i => $"e{i}", _ => random.Next(1, 4), StringComparer.Ordinal);
            var scheduler = new TaskScheduler(new TaskSchedulerOptions(MaxFailures: int.MaxValue, MaxResultSize: 0), random);
            foreach (var (id, count) in cores) scheduler.AddExecutor(id, count);
            scheduler.Submit(NewTaskSet(stageId: 0, tasks: 20));
            var running = new List<TaskAttempt>();
            var succeeded = new List<int>();
            for (var step = 0; step < 1_000 && succeeded.Count < 20; step++)
            {
                running.AddRange(scheduler.Offer());
                if (running.GroupBy(attempt => attempt.ExecutorId, StringComparer.Ordinal).Any(group => group.Count() > cores[group.Key])) return false;
                if (random.Next(10) == 0)
                {
                    var lost = $"e{random.Next(3)}";
                    scheduler.RemoveExecutor(lost, exitCausedByApp: true, "lost");
                    running.RemoveAll(attempt => attempt.ExecutorId == lost);
                    scheduler.AddExecutor(lost, cores[lost]);
                }
                else if (running.Count > 0)
                {
                    var ended = running[random.Next(running.Count)];
                    running.Remove(ended);
                    var good = random.Next(2) == 0;
                    scheduler.End(ended.Description.TaskId, good ? new TaskSucceeded([]) : Failure());
                    if (good) succeeded.Add(ended.Description.PartitionId);
                }
            }

            return succeeded.Order().SequenceEqual(Enumerable.Range(0, 20));
        });
    }

    private static TaskScheduler NewScheduler(params (string Id, int Cores)[] executors)
    {
        var scheduler = new TaskScheduler(new TaskSchedulerOptions(MaxFailures: 4, MaxResultSize: 0), new Random(1));
        foreach (var (id, cores) in executors) scheduler.AddExecutor(id, cores);
        return scheduler;
    }

    private static TaskSet NewTaskSet(int stageId, int tasks, int jobId = 0) =>
        new(stageId, 0, jobId, new TaskBinary(stageId, []), 0, [.. Enumerable.Range(0, tasks).Select(i => new PartitionTask(i, []))]);

    private static ExceptionFailure Failure() => new("System.Exception", "bad", "", []);
}
