using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Backend;
using Sparkish.Compute;
using Sparkish.Dag;
using Sparkish.Events;
using Sparkish.Executor;
using Sparkish.Rpc;
using Sparkish.Rpc.Transport;
using Sparkish.Serialization.Messages;
using Sparkish.Tasks;

namespace Sparkish.Tests.Backend;

/// <summary>Drives the driver's endpoint with a scripted executor and a scripted DagScheduler.</summary>
public sealed class DriverEndpointTests
{
    private RpcEnv _env = null!;
    private ProbeEndpoint _dag = null!;
    private ProbeEndpoint _executor = null!;
    private RpcEndpointRef _executorRef = null!;
    private RpcEndpointRef _driver = null!;

    [SetUp]
    public void Start() => Start(knowsExecutors: false);

    private void Start(bool knowsExecutors, params (string Key, string Value)[] settings)
    {
        var conf = new SparkConf(loadDefaults: false).Set("spark.app.name", "test").Set("spark.starvation.timeout", "1ms");
        foreach (var (key, value) in settings) conf.Set(key, value);
        _env = new NetworkRpcEnvFactory().Create(new RpcEnvOptions("test", conf, new MessageRegistry()) { Listen = false });
        _dag = new ProbeEndpoint();
        _executor = new ProbeEndpoint();
        _executorRef = _env.SetupEndpoint("executor", _executor);
        _driver = _env.SetupEndpoint("driver", new DriverEndpoint(conf, _env.SetupEndpoint("dag", _dag), _env.SetupEndpoint("tracker", new ProbeEndpoint()),
            new ListenerBus([], 1, NullLogger.Instance), new Random(1), NullLogger<DriverEndpoint>.Instance)
        {
            KnowsExecutors = knowsExecutors,
        });
    }

    [TearDown]
    public async Task Stop() => await _env.DisposeAsync();

    [Test]
    public async Task An_executor_gets_the_settings_and_then_tasks_with_their_operation_once()
    {
        var config = await _driver.AskAsync<SparkAppConfig>(new RetrieveSparkAppConfig());
        _driver.Send(new SubmitTasks(Set(stageId: 0, tasks: 2)));

        await RegisterAsync("0", cores: 2);

        var first = await _executor.ExpectAsync<LaunchTask>();
        var second = await _executor.ExpectAsync<LaunchTask>();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(config.Properties["spark.app.name"], Is.EqualTo("test"));
            Assert.That((first.Task.PartitionId, first.Binary?.Id), Is.EqualTo((0, 7)));
            Assert.That((second.Task.PartitionId, second.Binary?.Id), Is.EqualTo((1, (long?)null)));
        }
    }

    [Test]
    public async Task A_finished_set_is_forgotten_by_the_executors_that_knew_it()
    {
        await RegisterAsync("0", cores: 1);
        _driver.Send(new SubmitTasks(Set(stageId: 0, tasks: 1)));
        var launched = await _executor.ExpectAsync<LaunchTask>();

        _driver.Send(new StatusUpdate("0", launched.Task.TaskId, TaskState.Finished, [1]));

        Assert.That((await _dag.ExpectAsync<TaskEnded>()).Reason, Is.TypeOf<TaskSucceeded>());
        Assert.That((await _executor.ExpectAsync<ForgetTaskBinary>()).BinaryId, Is.EqualTo(7));
    }

    [Test]
    public async Task A_lost_executor_is_told_before_its_tasks()
    {
        await RegisterAsync("0", cores: 1);
        _driver.Send(new SubmitTasks(Set(stageId: 0, tasks: 1)));
        await _executor.ExpectAsync<LaunchTask>();

        _driver.Send(new RemoveExecutor("0", "Command exited with code 137", ExitCausedByApp: true));

        Assert.That(await _dag.ExpectAsync<ExecutorLost>(), Is.EqualTo(new ExecutorLost("0", "Command exited with code 137")));
        Assert.That((await _dag.ExpectAsync<TaskEnded>()).Reason, Is.EqualTo(new ExecutorLostFailure("0", true, "Command exited with code 137")));
    }

    [Test]
    public async Task An_id_is_taken_once()
    {
        await RegisterAsync("0", cores: 1);

        Assert.That(async () => await RegisterAsync("0", cores: 1), Throws.TypeOf<SparkException>().With.Message.EqualTo("Duplicate executor ID: 0."));
    }

    [Test]
    public async Task An_executor_of_another_build_is_refused_and_the_jobs_are_told_so()
    {
        Assert.That(async () => await _driver.AskAsync<bool>(new RegisterExecutor("0", _executorRef, "h", 1, "0.0.9 (other)", ApplicationCulture.IsInvariantMode)),
            Throws.TypeOf<SparkException>().With.Message.Contains("runs Sparkish 0.0.9 (other) but this driver"));

        Assert.That((await _dag.ExpectAsync<StopJobs>()).Reason, Does.EndWith(": deploy the same build"));
    }

    [Test]
    public async Task An_executor_without_the_drivers_cultures_is_refused_and_the_jobs_are_told_so()
    {
        var registration = new RegisterExecutor("0", _executorRef, "h", 1, EngineBuild.Current, !ApplicationCulture.IsInvariantMode);

        Assert.That(async () => await _driver.AskAsync<bool>(registration), Throws.TypeOf<SparkException>().With.Message.Contains("has no culture data"));

        Assert.That((await _dag.ExpectAsync<StopJobs>()).Reason, Does.Contain("install ICU (libicu) on its machine"));
    }

    [Test]
    public async Task Jobs_end_with_the_last_executor_when_no_other_can_come()
    {
        await RegisterAsync("0", cores: 1);
        _driver.Send(new NoMoreExecutors("the master was lost"));
        _driver.Send(new RemoveExecutor("0", "gone", ExitCausedByApp: false));

        Assert.That(await _dag.ExpectAsync<ExecutorLost>(), Is.EqualTo(new ExecutorLost("0", "gone")));
        Assert.That(await _dag.ExpectAsync<StopJobs>(), Is.EqualTo(new StopJobs("the master was lost")));
    }

    [Test]
    public async Task A_decommissioned_executor_gets_no_further_task_and_stops_after_its_last_one()
    {
        await RegisterAsync("0", cores: 2);
        _driver.Send(new SubmitTasks(Set(stageId: 0, tasks: 3)));
        var (first, second) = (await _executor.ExpectAsync<LaunchTask>(), await _executor.ExpectAsync<LaunchTask>());

        _driver.Send(new DecommissionExecutor("0", "worker decommissioned"));
        _driver.Send(new StatusUpdate("0", first.Task.TaskId, TaskState.Finished, [1]));
        _driver.Send(new StatusUpdate("0", second.Task.TaskId, TaskState.Finished, [1]));

        await _executor.ExpectAsync<StopExecutor>(); // and not the third task
        var (one, other) = (await _dag.ExpectAsync<TaskEnded>(), await _dag.ExpectAsync<TaskEnded>());
        Assert.That((one.Reason, other.Reason), Is.EqualTo((new TaskSucceeded([1]), new TaskSucceeded([1]))).UsingPropertiesComparer());
        Assert.That(await _dag.ExpectAsync<ExecutorLost>(), Is.EqualTo(new ExecutorLost("0", "worker decommissioned")));
    }

    [Test]
    public async Task An_idle_executor_that_is_decommissioned_stops_at_once_and_its_outputs_are_forgotten()
    {
        await RegisterAsync("0", cores: 1);

        _driver.Send(new DecommissionExecutor("0", "worker decommissioned"));

        await _executor.ExpectAsync<StopExecutor>();
        Assert.That((await _dag.ExpectAsync<ExecutorLost>()).ExecutorId, Is.EqualTo("0"));
    }

    [Test]
    public async Task The_end_of_a_decommissioned_executor_does_not_count_against_its_tasks()
    {
        await RegisterAsync("0", cores: 1);
        _driver.Send(new SubmitTasks(Set(stageId: 0, tasks: 1)));
        await _executor.ExpectAsync<LaunchTask>();

        _driver.Send(new DecommissionExecutor("0", "worker decommissioned"));
        _driver.Send(new RemoveExecutor("0", "Command exited with code 137", ExitCausedByApp: true));

        await _dag.ExpectAsync<ExecutorLost>();
        Assert.That((await _dag.ExpectAsync<TaskEnded>()).Reason, Is.EqualTo(new ExecutorLostFailure("0", false, "Command exited with code 137")));
    }

    [TestCase("0")]
    [TestCase("1ms")]
    public async Task Tasks_of_a_decommissioned_executor_may_take_as_long_as_the_timeout_says(string timeout)
    {
        await StartAsync(("spark.executor.decommission.forceKillTimeout", timeout));
        await RegisterAsync("0", cores: 1);
        _driver.Send(new SubmitTasks(Set(stageId: 0, tasks: 1)));
        var launched = await _executor.ExpectAsync<LaunchTask>();

        _driver.Send(new DecommissionExecutor("0", "worker decommissioned"));
        if (timeout == "0") _driver.Send(new StatusUpdate("0", launched.Task.TaskId, TaskState.Finished, [1]));

        await _executor.FishAsync<StopExecutor>();
        Assert.That((await _dag.FishAsync<TaskEnded>()).Reason is TaskSucceeded, Is.EqualTo(timeout == "0"));
    }

    [Test]
    public async Task An_executor_that_is_decommissioned_before_it_registers_is_stopped_when_it_does()
    {
        await StartAsync(knowsExecutors: true);
        _driver.Send(new ExpectExecutor("0"));
        _driver.Send(new DecommissionExecutor("0", "worker decommissioned"));
        _driver.Send(new SubmitTasks(Set(stageId: 0, tasks: 1)));

        await RegisterAsync("0", cores: 1);

        await _executor.ExpectAsync<StopExecutor>(); // and not the task
    }

    private async Task StartAsync(params (string Key, string Value)[] settings) => await StartAsync(knowsExecutors: false, settings);

    private async Task StartAsync(bool knowsExecutors, params (string Key, string Value)[] settings)
    {
        await Stop();
        Start(knowsExecutors, settings);
    }

    private ValueTask<bool> RegisterAsync(string id, int cores) =>
        _driver.AskAsync<bool>(new RegisterExecutor(id, _executorRef, "h", cores, EngineBuild.Current, ApplicationCulture.IsInvariantMode));

    private static TaskSet Set(int stageId, int tasks) =>
        new(stageId, 0, 0, new TaskBinary(7, []), 0, [.. Enumerable.Range(0, tasks).Select(i => new PartitionTask(i, []))]);
}
