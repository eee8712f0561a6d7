using Sparkish.Deploy;
using Sparkish.Rpc;
using ApplicationId = Sparkish.Deploy.ApplicationId;

namespace Sparkish.Tests.Deploy;

internal sealed class DeployRulesTests
{
    private static readonly RpcAddress Address = new("127.0.0.1", 7077);
    private static readonly RpcEndpointRef Ref = new NowhereRef("ref", 1);
    private static readonly ApplicationId App = new("app-20260102030405-0000");
    private static readonly DriverId Driver = new("driver-20260102030405-0000");
    private static readonly WorkerId Worker = new("worker-20260102030405-10.0.0.1-40001");

    private static readonly TestCaseData[] Refused =
    [
        Case(Good() with { Cores = 0 }, "Cores is 0 but must be from 1 to 65536"),
        Case(Good() with { Cores = 2_000_000_000 }, "Cores is 2000000000 but must be from 1 to 65536"),
        Case(Good() with { MemoryMiB = -1 }, "MemoryMiB is -1 but must be from 1 to 67108864"),
        Case(Good() with { Port = 70_000 }, "Port is 70000 but must be from 0 to 65535"),
        Case(Good() with { Id = new WorkerId("worker-../../etc") }, "WorkerId is 'worker-../../etc' but must be 'worker-' and 1 to 100"),
        Case(Good() with { Id = new WorkerId("worker-" + new string('a', 101)) }, "but must be 'worker-'"),
        Case(Good() with { Id = default }, "WorkerId is missing"),
        Case(Good() with { Host = "a\u001b[2Kb" }, "Host has control characters"),
        Case(Good() with { Host = "a\u202eb" }, "Host has control characters"),
        Case(Good() with { Host = new string('a', 257) }, "Host has 257 characters, more than 256"),
        Case(Good() with { MasterAddress = new RpcAddress("a\nb", 1) }, "MasterAddress has control characters"),
        Case(new ExecutorStateChanged(Worker, App, -1, ExecutorState.Running, null, null), "Executor is -1 but must be from 0"),
        Case(new ExecutorStateChanged(Worker, App, 0, (ExecutorState)99, null, null), "State is unknown"),
        Case(new ExecutorStateChanged(Worker, App, 0, ExecutorState.Failed, "a\r\nb", null), "Message has control characters"),
        Case(new ExecutorStateChanged(Worker, App, 0, ExecutorState.Failed, new string('a', 8193), null), "Message has 8193 characters"),
        Case(new ExecutorStateChanged(Worker, new ApplicationId("driver-1"), 0, ExecutorState.Failed, null, null), "ApplicationId is 'driver-1'"),
        Case(new WorkerLatestState(Worker, Ref, null!), "Executors"),
        Case(new WorkerLatestState(Worker, Ref, [new ExecutorDescription(new ApplicationId("app-/"), 0, 1, 1, ExecutorState.Running)]), "ApplicationId is 'app-/'"),
        Case(new WorkerLatestState(Worker, Ref, [null!]), "is missing"),
        Case(Wish(Descriptions.Of(coresPerExecutor: 0)), "CoresPerExecutor is 0 but must be from 1 to 65536"),
        Case(Wish(Descriptions.Of(memoryMiB: 0)), "MemoryPerExecutorMiB is 0 but must be from 1 to 67108864"),
        Case(Wish(Descriptions.Of(maxCores: -5)), "MaxCores is -5 but must be from 1"),
        Case(Wish(Descriptions.Of() with { Name = "nice\r\u001b[2Kfake" }), "Name has control characters"),
        Case(Wish(Descriptions.Of() with { User = null! }), "User is missing"),
        Case(Wish(Descriptions.Of() with { DriverUrl = new string('u', 2000) }), "DriverUrl has 2000 characters"),
        Case(Wish(Descriptions.Of() with { DriverUrl = "spark://x" }), "DriverUrl is 'spark://x' but must be spark://endpoint@host:port"),
        Case(Wish(Descriptions.Of() with { DriverUrl = "spark://a@b:99999" }), "DriverUrl is 'spark://a@b:99999'"),
        Case(Wish(Descriptions.Of() with { ExecutorSettings = null! }), "ExecutorSettings"),
        Case(Wish(WithSetting("spark.rpc.a b", "1")), "'spark.rpc.a b' is not a key of a setting"),
        Case(Wish(WithSetting("spark.rpc.askTimeout", "1\n2")), "spark.rpc.askTimeout has control characters"),
        Case(new RegisterApplication(null!, Ref), "Description is missing"),
        Case(new RegisterApplication(Descriptions.Of(), null!), "Client is missing"),
        Case(new UnregisterApplication(new ApplicationId("../x")), "ApplicationId is '../x'"),
        Case(new DriverStateChanged(Worker, new DriverId("app-1"), DriverState.Failed, null), "DriverId is 'app-1'"),
        Case(new DriverStateChanged(Worker, Driver, DriverState.Running, null), "State is Running, which is not the end of a driver"),
        Case(new RequestKillDriver(new DriverId("driver-/")), "DriverId is 'driver-/'"),
        Case(new RequestSubmitDriver(null!), "Description is missing"),
        Case(Submission(cores: 0), "Cores is 0 but must be from 1"),
        Case(Submission(arguments: [null!]), "Argument is missing"),
        Case(Submission(arguments: [new string('x', DeployRules.MaxDescriptionChars)]), "Characters is 26"),
        Case(Submission(variable: "A=B"), "Environment has a variable without a valid name"),
        Case(Submission(setting: "java.home"), "'java.home' is not a key of a setting"),
        Case(new RequestExecutors(App, -1), "Total is -1"),
        Case(new KillExecutors(App, null!), "is missing"),
        Case(new DecommissionWorkersOnHosts(["a\nb"]), "Host has control characters"),
        Case(new MasterChangeAcknowledged(App, new ApplicationSecret([1]), []), "Secret is missing, too short or too long"),
        Case(Good() with { Resources = [new ResourceInformation("gpu", ["0", "0"])] }, "Addresses has an address twice"),
        Case(Good() with { Resources = [new ResourceInformation("gpu", []), new ResourceInformation("gpu", [])] }, "Resources has a name twice"),
        Case(Good() with { Executors = [new OccupiedByExecutor(App, 0, 0, 1, null)] }, "must be from 1 to 65536"),
        Case(Wish(Descriptions.Of() with { Resources = [new ResourceRequirement("gpu", 0)] }), "Amount is 0"),
        Case(Wish(Descriptions.Of() with { InitialExecutorLimit = -1 }), "InitialExecutorLimit is -1"),
    ];

    [TestCaseSource(nameof(Refused))]
    public void A_bad_value_is_named((object Message, string Problem) given) =>
        Assert.That(DeployRules.ProblemOf((IToMaster)given.Message), Does.Contain(given.Problem));

    [Test]
    public void Good_messages_have_no_problem() => Assert.Multiple(() =>
    {
        Assert.That(DeployRules.ProblemOf(Good()), Is.Null);
        Assert.That(DeployRules.ProblemOf(Wish(Descriptions.Of(4, 2))), Is.Null);
        Assert.That(DeployRules.ProblemOf(new ExecutorStateChanged(Worker, App, 0, ExecutorState.Failed, "it failed", 1)), Is.Null);
    });

    [TestCase("../../etc")]
    [TestCase("a/b")]
    [TestCase("a b")]
    [TestCase("\u001b[2K")]
    [TestCase("")]
    public void A_worker_takes_no_application_id_that_would_leave_its_work_directory(string tail)
    {
        var launch = new LaunchExecutor("spark://m:7077", new ApplicationId("app-" + tail), 0, Descriptions.Of(), 1, 1024, Descriptions.Secret);

        Assert.That(DeployRules.ProblemOf(launch), Does.Contain("ApplicationId is 'app-"));
        Assert.That(DeployRules.ProblemOf(new KillExecutor("spark://m:7077", new ApplicationId("app-" + tail), 0)), Is.Not.Null);
        Assert.That(DeployRules.ProblemOf(new ApplicationFinished(new ApplicationId("app-" + tail))), Is.Not.Null);
    }

    [TestCase("my_container")]
    [TestCase("host with spaces")]
    [TestCase("fe80::1%eth0")]
    public void Workers_of_any_host_make_valid_ids(string host)
    {
        var id = WorkerId.Create(DateTimeOffset.UnixEpoch, host + new string('x', 200), 65535);

        Assert.That(DeployRules.ProblemOf(Good() with { Id = id }), Is.Null);
    }

    private static RegisterWorker Good() => new(Worker, "10.0.0.1", 40001, Ref, 4, 4096, Address);

    private static RequestSubmitDriver Submission(int cores = 1, string[]? arguments = null, string variable = "A", string setting = "spark.app.name") =>
        new(new DriverDescription("file:/app.dll", 1, cores, Supervise: false, new DriverCommand("Main", arguments ?? [],
            new Dictionary<string, string>(StringComparer.Ordinal) { [variable] = "1" }, new Dictionary<string, string>(StringComparer.Ordinal) { [setting] = "1" })));

    private static RegisterApplication Wish(ApplicationDescription description) => new(description, Ref);

    private static ApplicationDescription WithSetting(string key, string value) =>
        Descriptions.Of() with { ExecutorSettings = new Dictionary<string, string>(StringComparer.Ordinal) { [key] = value } };

    private static TestCaseData Case(object message, string problem) =>
        new TestCaseData((message, problem)).SetName($"A_bad_value_is_named({message.GetType().Name}: {problem})");
}
