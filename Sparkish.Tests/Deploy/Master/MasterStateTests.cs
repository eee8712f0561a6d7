using Sparkish.Deploy;
using Sparkish.Deploy.Master;
using ApplicationId = Sparkish.Deploy.ApplicationId;

namespace Sparkish.Tests.Deploy.Master;

internal sealed class MasterStateTests
{
    private static readonly WorkerId Worker = new("worker-1");
    private static readonly ApplicationId App = new("app-1");
    private static readonly ExecutorKey First = new(App, 0);
    private static readonly ApplicationDescription Wishes = Descriptions.Of();

    private static readonly MasterState Ready = MasterState.Empty
        .Apply(new WorkerAdded(Worker, new NowhereRef("Worker", 1), "nowhere", 1, 4, 4096))
        .Apply(new ApplicationAdded(App, Wishes, new NowhereRef("AppClient", 2)));

    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly MasterState Launched = Ready.Apply(new ExecutorLaunched(First, Worker, 3, 1024));

    [Test]
    public void A_launched_executor_takes_cores_and_memory_and_makes_its_application_run()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Launched.Workers[Worker].CoresFree, Is.EqualTo(1));
            Assert.That(Launched.Workers[Worker].MemoryFreeMiB, Is.EqualTo(3072));
            Assert.That(Launched.Applications[App].CoresGranted, Is.EqualTo(3));
            Assert.That(Launched.Applications[App].State, Is.EqualTo(ApplicationState.Running));
            Assert.That(Launched.FindExecutor(First)!.State, Is.EqualTo(ExecutorState.Launching));
        }
    }

    [Test]
    public void A_finished_executor_gives_back_what_it_took_and_its_number_is_not_used_again()
    {
        var state = Launched.Apply(new ExecutorChanged(First, Worker, ExecutorState.Exited, 0, Start));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(state.Workers[Worker].CoresFree, Is.EqualTo(4));
            Assert.That(state.Workers[Worker].MemoryFreeMiB, Is.EqualTo(4096));
            Assert.That(state.Applications[App].CoresGranted, Is.Zero);
            Assert.That(state.Applications[App].NextExecutor, Is.EqualTo(1));
            Assert.That(state.Applications[App].RetryCount, Is.Zero);
        }
    }

    [Test]
    public void Failures_in_a_row_are_counted_until_an_executor_runs()
    {
        var second = new ExecutorKey(App, 1);

        var failed = Launched.Apply(new ExecutorChanged(First, Worker, ExecutorState.Exited, 1, Start)).Apply(new ExecutorLaunched(second, Worker, 1, 1024));
        var running = failed.Apply(new ExecutorChanged(second, Worker, ExecutorState.Running, null, Start));
        var failedSoon = running.Apply(new ExecutorChanged(second, Worker, ExecutorState.Exited, 1, Start.AddSeconds(9)));
        var failedLater = running.Apply(new ExecutorChanged(second, Worker, ExecutorState.Exited, 1, Start.AddSeconds(10)));

        Assert.That(new[] { failed, running, failedSoon, failedLater }.Select(state => state.Applications[App].RetryCount), Is.EqualTo(new[] { 1, 1, 2, 1 }));
    }

    [Test]
    public void Executors_of_an_application_that_ended_keep_their_cores_until_they_are_gone()
    {
        var ended = Launched.Apply(new ApplicationEnded(App, ApplicationState.Finished));
        var gone = ended.Apply(new ExecutorChanged(First, Worker, ExecutorState.Killed, 143, Start));

        Assert.That((ended.Workers[Worker].CoresFree, gone.Workers[Worker].CoresFree), Is.EqualTo((1, 4)));
    }

    [Test]
    public void A_lost_worker_takes_its_executors_along()
    {
        var state = Launched.Apply(new WorkerLost(Worker));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(state.Workers, Is.Empty);
            Assert.That(state.Applications[App].Executors, Is.Empty);
            Assert.That(state.Applications[App].CoresGranted, Is.Zero);
        }
    }

    [Test]
    public void Applications_are_numbered_in_the_order_in_which_they_came()
    {
        var later = new ApplicationId("app-0");

        var state = Ready.Apply(new ApplicationAdded(later, Wishes, new NowhereRef("AppClient", 3)));

        Assert.That(state.ApplicationsInOrder.Select(app => app.Id), Is.EqualTo(new[] { App, later }));
    }

    [Test]
    public void An_event_that_cannot_happen_is_refused()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => Ready.Apply(new ExecutorLaunched(First, Worker, 5, 1024)), Throws.InvalidOperationException);
            Assert.That(() => Ready.Apply(new WorkerLost(new WorkerId("nobody"))), Throws.InvalidOperationException);
            Assert.That(() => Ready.Apply(new ApplicationEnded(App, ApplicationState.Running)), Throws.InvalidOperationException);
            Assert.That(() => Launched.Apply(new ExecutorLaunched(First, Worker, 1, 1024)), Throws.InvalidOperationException);
        }
    }

    [Test]
    public void A_new_leader_knows_nothing_of_workers_and_applications_until_they_answer()
    {
        var elected = Launched.Apply(new LeaderElected(Leader: 1, Journal: 7));
        var answered = elected.Apply(new WorkerRecovered(Worker)).Apply(new ApplicationRecovered(App));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((elected.Status, elected.HasUnknown, elected.Journal), Is.EqualTo((MasterStatus.Recovering, true, 7L)));
            Assert.That(elected.Workers[Worker].CoresFree, Is.EqualTo(1), "what runs keeps its cores");
            Assert.That(answered.HasUnknown, Is.False);
            Assert.That(answered.Applications[App].State, Is.EqualTo(ApplicationState.Running));
            Assert.That(answered.Apply(new LeaderElected(2, 8)).Journal, Is.EqualTo(7), "a journal keeps its identity");
        }
    }

    [Test]
    public void A_leader_of_an_empty_journal_waits_for_nobody() =>
        Assert.That(MasterState.Empty.Apply(new LeaderElected(1, 7)).Status, Is.EqualTo(MasterStatus.Alive));

    [Test]
    public void A_relaunched_driver_has_another_id_and_gives_its_cores_back()
    {
        var (first, second) = (new DriverId("driver-0"), new DriverId("driver-1"));
        var running = Ready.Apply(new DriverSubmitted(first, Submission(cores: 3), Start)).Apply(new DriverLaunched(first, Worker));

        var again = running.Apply(new DriverRelaunched(first, second, Start));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((running.Workers[Worker].CoresFree, again.Workers[Worker].CoresFree), Is.EqualTo((1, 4)));
            Assert.That(again.WaitingDrivers.Select(driver => driver.Id), Is.EqualTo(new[] { second }));
            Assert.That(again.CompletedDrivers.Select(driver => (driver.Id, driver.State)), Is.EqualTo(new[] { (first, DriverState.Relaunching) }));
            Assert.That(() => running.Apply(new DriverLaunched(first, Worker)), Throws.InvalidOperationException);
        }
    }

    [Test]
    public void An_executor_that_was_given_back_keeps_its_cores_until_it_has_ended()
    {
        var released = Launched.Apply(new ExecutorReleased(First));
        var ended = released.Apply(new ExecutorChanged(First, Worker, ExecutorState.Killed, 143, Start));

        Assert.That((released.Applications[App].CoresGranted, released.Workers[Worker].CoresFree, ended.Workers[Worker].CoresFree), Is.EqualTo((0, 1, 4)));
    }

    [Test]
    public void A_decommissioned_worker_keeps_its_executors_but_their_application_may_replace_them()
    {
        var state = Launched.Apply(new WorkerDecommissioned(Worker));

        using (Assert.EnterMultipleScope())
        {
            Assert.That((state.Workers[Worker].State, state.Workers[Worker].CoresFree), Is.EqualTo((WorkerState.Decommissioned, 1)));
            Assert.That(state.Applications[App].CoresGranted, Is.Zero);
            Assert.That(state.Apply(new LeaderElected(1, 1)).Apply(new WorkerRecovered(Worker)).Workers[Worker].State, Is.EqualTo(WorkerState.Decommissioned));
        }
    }

    [Test]
    public void Descriptions_count_while_they_are_kept()
    {
        var driver = new DriverId("driver-0");
        var submitted = Ready.Apply(new DriverSubmitted(driver, Submission(cores: 1), Start));
        var ended = submitted.Apply(new DriverEnded(driver, DriverState.Finished, null)).Apply(new ApplicationEnded(App, ApplicationState.Finished));

        Assert.That((submitted.DescriptionChars > Ready.DescriptionChars, ended.DescriptionChars), Is.EqualTo((true, 0L)));
    }

    [Test]
    public void Ids_that_are_not_valid_are_refused_from_a_journal_too() =>
        Assert.That(() => MasterState.Empty.Apply(new ApplicationAdded(new ApplicationId("app-../x"), Wishes, new NowhereRef("AppClient", 2))),
            Throws.InvalidOperationException);

    private static DriverDescription Submission(int cores) => new("file:/app.dll", 1024, cores, Supervise: true,
        new DriverCommand("Main", [], new Dictionary<string, string>(), new Dictionary<string, string>()));
}
