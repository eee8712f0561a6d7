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
}
