using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Compute;
using Sparkish.Dag;
using Sparkish.Events;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.Serialization;
using Sparkish.Serialization.Graphs;
using Sparkish.Serialization.Messages;
using Sparkish.Serialization.Types;
using Sparkish.Shuffle;
using Sparkish.Tasks;

namespace Sparkish.Tests.Dag;

/// <summary>Drives the DagScheduler with a scripted task scheduler in its place.</summary>
public sealed class DagSchedulerTests
{
    private SparkContext _sc = null!;
    private RpcEnv _env = null!;
    private ProbeEndpoint _tasks = null!;
    private ProbeEndpoint _tracker = null!;
    private RpcEndpointRef _dag = null!;

    [SetUp]
    public void Start()
    {
        _sc = LocalContext.Start();
        var conf = new SparkConf(loadDefaults: false);
        _env = new NetworkRpcEnvFactory().Create(new RpcEnvOptions("test", conf, new MessageRegistry()) { Listen = false });
        _tasks = new ProbeEndpoint();
        _tracker = new ProbeEndpoint();
        var tasks = _env.SetupEndpoint("tasks", _tasks);
        var serialization = new RpcSerializationContext(_env) { Types = TypeBinder.Application };
        _dag = _env.SetupEndpoint("dag", new DagScheduler(conf, serialization, _env.SetupEndpoint("tracker", _tracker), () => tasks,
            new ListenerBus([], 1, NullLogger.Instance), NullLogger<DagScheduler>.Instance));
    }

    [TearDown]
    public async Task Stop()
    {
        await _env.DisposeAsync();
        await _sc.DisposeAsync();
    }

    [Test]
    public async Task A_job_without_a_shuffle_is_one_stage_and_its_results_come_in_the_order_of_partitions()
    {
        var job = Submit(_sc.Parallelize(new[] { 1, 2, 3 }, 3));
        var stage = (await _tasks.ExpectAsync<SubmitTasks>()).TaskSet;

        foreach (var task in stage.Tasks.Reverse()) Succeed(stage, task.PartitionId, [(byte)task.PartitionId]);

        Assert.That(await job.Completion, Is.EqualTo(new byte[][] { [0], [1], [2] }));
    }

    [Test]
    public async Task The_reduce_stage_waits_for_all_map_outputs()
    {
        var job = Submit(Shuffled(maps: 2, reduces: 1));
        var map = (await _tasks.ExpectAsync<SubmitTasks>()).TaskSet;

        FinishMap(map, 0, "a");
        FinishMap(map, 1, "b");

        var published = await _tracker.ExpectAsync<RegisterMapOutputs>();
        var reduce = (await _tasks.ExpectAsync<SubmitTasks>()).TaskSet;
        Succeed(reduce, 0, [42]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(published.Statuses.Select(status => status!.ExecutorId), Is.EqualTo(new[] { "a", "b" }));
            Assert.That(reduce.MapOutputEpoch, Is.EqualTo(published.Epoch));
            Assert.That(await job.Completion, Is.EqualTo(new byte[][] { [42] }));
        }
    }

    [Test]
    public async Task A_later_job_uses_the_map_outputs_of_an_earlier_one()
    {
        var rdd = Shuffled(maps: 1, reduces: 1);
        Submit(rdd, jobId: 0);
        FinishMap((await _tasks.ExpectAsync<SubmitTasks>()).TaskSet, 0, "a");
        Succeed((await _tasks.ExpectAsync<SubmitTasks>()).TaskSet, 0, []);

        Submit(rdd, jobId: 1);

        var next = (await _tasks.ExpectAsync<SubmitTasks>()).TaskSet;
        Assert.That((next.JobId, next.StageId, next.Tasks.Count), Is.EqualTo((1, 3, 1)), "the skipped stage has number 2, as in Spark");
    }

    [Test]
    public async Task An_executor_lost_during_the_map_stage_costs_just_its_outputs()
    {
        Submit(Shuffled(maps: 3, reduces: 1));
        var map = (await _tasks.ExpectAsync<SubmitTasks>()).TaskSet;
        FinishMap(map, 0, "a");
        FinishMap(map, 1, "b");

        _dag.Send(new ExecutorLost("a", "killed"));
        FinishMap(map, 2, "b");

        var again = (await _tasks.ExpectAsync<SubmitTasks>()).TaskSet;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((again.StageId, again.StageAttempt), Is.EqualTo((map.StageId, 1)));
            Assert.That(again.Tasks.Select(task => task.PartitionId), Is.EqualTo(new[] { 0 }));
        }
    }

    [Test]
    public async Task The_report_of_an_executor_that_is_lost_already_does_not_count()
    {
        Submit(Shuffled(maps: 1, reduces: 1));
        var map = (await _tasks.ExpectAsync<SubmitTasks>()).TaskSet;

        _dag.Send(new ExecutorLost("a", "killed"));
        FinishMap(map, 0, "a");
        FinishMap(map, 0, "b");

        Assert.That((await _tracker.ExpectAsync<RegisterMapOutputs>()).Statuses.Single()!.ExecutorId, Is.EqualTo("b"));
    }

    [Test]
    public async Task A_failed_fetch_makes_the_lost_outputs_anew_and_then_tries_the_stage_again()
    {
        var job = Submit(Shuffled(maps: 2, reduces: 2));
        var map = (await _tasks.ExpectAsync<SubmitTasks>()).TaskSet;
        FinishMap(map, 0, "a");
        FinishMap(map, 1, "b");
        var reduce = (await _tasks.ExpectAsync<SubmitTasks>()).TaskSet;
        await _tracker.ExpectAsync<RegisterMapOutputs>();
        Succeed(reduce, 0, [1]);

        End(reduce, 1, "b", new FetchFailed(0, -1, 1, "a", "connection refused"));

        var mapAgain = (await _tasks.ExpectAsync<SubmitTasks>()).TaskSet;
        FinishMap(mapAgain, 0, "b");
        var reduceAgain = (await _tasks.ExpectAsync<SubmitTasks>()).TaskSet;
        Succeed(reduceAgain, 1, [2]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((mapAgain.StageId, mapAgain.StageAttempt), Is.EqualTo((map.StageId, 1)));
            Assert.That(mapAgain.Tasks.Select(task => task.PartitionId), Is.EqualTo(new[] { 0 }));
            Assert.That((reduceAgain.StageId, reduceAgain.StageAttempt), Is.EqualTo((reduce.StageId, 1)));
            Assert.That(reduceAgain.Tasks.Select(task => task.PartitionId), Is.EqualTo(new[] { 1 }));
            Assert.That(reduceAgain.MapOutputEpoch, Is.GreaterThan(reduce.MapOutputEpoch));
            Assert.That(await job.Completion, Is.EqualTo(new byte[][] { [1], [2] }));
        }
    }

    [Test]
    public async Task A_corrupt_output_is_made_anew_by_itself()
    {
        Submit(Shuffled(maps: 2, reduces: 1));
        var map = (await _tasks.ExpectAsync<SubmitTasks>()).TaskSet;
        FinishMap(map, 0, "a");
        FinishMap(map, 1, "a");
        var reduce = (await _tasks.ExpectAsync<SubmitTasks>()).TaskSet;

        End(reduce, 0, "b", new FetchFailed(0, 1, 0, "a", "checksum"));

        var mapAgain = (await _tasks.ExpectAsync<SubmitTasks>()).TaskSet;
        Assert.That(mapAgain.Tasks.Select(task => task.PartitionId), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public async Task All_outputs_that_one_attempt_finds_corrupt_are_made_anew_together()
    {
        Submit(Shuffled(maps: 3, reduces: 2));
        var map = (await _tasks.ExpectAsync<SubmitTasks>()).TaskSet;
        for (var partition = 0; partition < 3; partition++) FinishMap(map, partition, "a");
        var reduce = (await _tasks.ExpectAsync<SubmitTasks>()).TaskSet;

        End(reduce, 0, "b", new FetchFailed(0, 0, 0, "a", "checksum"));
        End(reduce, 1, "b", new FetchFailed(0, 2, 1, "a", "checksum"));

        var mapAgain = (await _tasks.ExpectAsync<SubmitTasks>()).TaskSet;
        Assert.That(mapAgain.Tasks.Select(task => task.PartitionId), Is.EqualTo(new[] { 0, 2 }));
    }

    [Test]
    public async Task A_stage_whose_input_is_lost_again_and_again_fails_the_job()
    {
        var job = Submit(Shuffled(maps: 1, reduces: 1));
        for (var attempt = 0; attempt < 4; attempt++)
        {
            FinishMap((await _tasks.ExpectAsync<SubmitTasks>()).TaskSet, 0, $"e{attempt}");
            End((await _tasks.ExpectAsync<SubmitTasks>()).TaskSet, 0, "b", new FetchFailed(0, -1, 0, $"e{attempt}", "gone"));
        }

        Assert.That(async () => await job.Completion, Throws.TypeOf<SparkException>()
            .With.Message.Contains("has failed the maximum allowable number of times: 4. Most recent failure reason: gone"));
    }

    [Test]
    public async Task A_task_set_that_is_given_up_fails_its_job_with_the_users_exception()
    {
        var job = Submit(_sc.Parallelize(new[] { 1 }, 1));
        var stage = (await _tasks.ExpectAsync<SubmitTasks>()).TaskSet;

        var failure = new ExceptionFailure("System.FormatException", "bad", "", ObjectSerializer.Serialize(new FormatException("bad")));
        _dag.Send(new TaskSetFailed(stage.StageId, stage.StageAttempt, "Task 0 failed 4 times", failure));

        await _tasks.ExpectAsync<CancelTasks>();
        Assert.That(async () => await job.Completion, Throws.TypeOf<SparkException>()
            .With.Message.EqualTo("Job aborted due to stage failure: Task 0 failed 4 times").And.InnerException.TypeOf<FormatException>());
    }

    [Test]
    public async Task A_stopped_scheduler_fails_running_jobs_and_later_ones()
    {
        var running = Submit(_sc.Parallelize(new[] { 1 }, 1), jobId: 0);
        await _tasks.ExpectAsync<SubmitTasks>();

        _dag.Send(new StopJobs("the master removed our application"));
        var later = Submit(_sc.Parallelize(new[] { 1 }, 1), jobId: 1);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(async () => await running.Completion, Throws.TypeOf<SparkException>()
                .With.Message.EqualTo("Job 0 cancelled because the master removed our application."));
            Assert.That(async () => await later.Completion, Throws.TypeOf<SparkException>()
                .With.Message.EqualTo("Job 1 cancelled because the master removed our application."));
        }
    }

    private Rdd<(int Key, int Value)> Shuffled(int maps, int reduces) =>
        _sc.Parallelize(Enumerable.Range(0, maps).Select(i => (Key: i, Value: i)), maps).ReduceByKey((a, b) => a + b, reduces);

    private JobWaiter Submit<T>(Rdd<T> rdd, int jobId = 0)
    {
        var waiter = new JobWaiter(rdd.NumPartitions);
        var operation = new ResultOperation<T, long>(rdd.Computation, (reader, _) => reader.CountToEnd());
        _dag.Send(new JobSubmitted(new ActiveJob(jobId, rdd.Lineage, operation, [.. Enumerable.Range(0, rdd.NumPartitions)]), waiter));
        return waiter;
    }

    private void FinishMap(TaskSet stage, int partition, string executor)
    {
        var result = new ByteWriter();
        Codec.For<MapStatus>().Write(result, new MapStatus(executor, new RpcAddress(executor, 1), partition, [1, 1]));
        End(stage, partition, executor, new TaskSucceeded(result.ToArray()));
    }

    private void Succeed(TaskSet stage, int partition, byte[] result) => End(stage, partition, "b", new TaskSucceeded(result));

    private void End(TaskSet stage, int partition, string executor, TaskEndReason reason) =>
        _dag.Send(new TaskEnded(new TaskDescription(0, stage.StageId, stage.StageAttempt, partition, 0, stage.MapOutputEpoch, 0, []), executor, reason));
}
