using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy;
using Sparkish.Deploy.Worker;
using Sparkish.Deploy.Worker.Drivers;
using Sparkish.TestKit;

namespace Sparkish.Tests.Deploy.Worker.Drivers;

/// <summary>The life of a driver on a manual clock, with processes that the test ends.</summary>
internal sealed class DriverRunnerTests
{
    private static readonly DriverId Id = new("driver-1");
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan TerminateTimeout = TimeSpan.FromSeconds(10);

    [TestCase(0, DriverState.Finished, null)]
    [TestCase(3, DriverState.Failed, "Command exited with code 3")]
    public async Task A_driver_ends_with_its_process(int status, DriverState state, string? message)
    {
        var program = new FakeProgram();
        var run = Run(program, new ManualClock());

        (await program.NextAsync()).End(status);

        Assert.That(await run.Completion.WaitAsync(Limit), Is.EqualTo(new DriverEnd(state, message)));
    }

    [TestCase(143, DriverState.Killed)]
    [TestCase(0, DriverState.Finished)]
    public async Task A_killed_driver_is_asked_to_stop_and_counts_as_finished_if_it_exits_with_0(int status, DriverState state)
    {
        var program = new FakeProgram();
        var run = Run(program, new ManualClock(), isSupervised: true);
        var process = await program.NextAsync();

        run.Kill();
        await process.Terminated.WaitAsync(Limit);
        process.End(status);

        Assert.That((await run.Completion.WaitAsync(Limit)).State, Is.EqualTo(state));
        Assert.That(process.WasKilled, Is.False);
    }

    [Test]
    public async Task A_driver_that_does_not_stop_is_killed_after_the_timeout()
    {
        var (clock, program) = (new ManualClock(), new FakeProgram());
        var run = Run(program, clock);
        var process = await program.NextAsync();
        var armed = clock.WhenTimerArmedAsync(after => after == TerminateTimeout);

        run.Kill();
        await armed.WaitAsync(Limit);
        clock.Advance(TerminateTimeout);

        Assert.That((await run.Completion.WaitAsync(Limit)).State, Is.EqualTo(DriverState.Killed));
        Assert.That(process.WasKilled, Is.True);
    }

    [Test]
    public async Task A_supervised_driver_starts_again_after_1_2_4_seconds_until_it_finishes()
    {
        var (clock, program) = (new ManualClock(), new FakeProgram());
        var run = Run(program, clock, isSupervised: true);

        foreach (var seconds in new[] { 1, 2, 4, 8 })
        {
            var armed = clock.WhenTimerArmedAsync(after => after == TimeSpan.FromSeconds(seconds));
            (await program.NextAsync()).End(1);
            await armed.WaitAsync(Limit);
            clock.Advance(TimeSpan.FromSeconds(seconds));
        }

        (await program.NextAsync()).End(0);
        Assert.That((await run.Completion.WaitAsync(Limit)).State, Is.EqualTo(DriverState.Finished));
    }

    [Test]
    public async Task The_first_pause_follows_again_after_a_run_of_more_than_five_seconds()
    {
        var (clock, program) = (new ManualClock(), new FakeProgram());
        var run = Run(program, clock, isSupervised: true);
        foreach (var seconds in new[] { 1, 2 })
        {
            var pause = clock.WhenTimerArmedAsync(after => after == TimeSpan.FromSeconds(seconds));
            (await program.NextAsync()).End(1);
            await pause.WaitAsync(Limit);
            clock.Advance(TimeSpan.FromSeconds(seconds));
        }

        var third = await program.NextAsync();
        clock.Advance(TimeSpan.FromSeconds(6));
        var armed = clock.WhenTimerArmedAsync(static _ => true);
        third.End(1);
        await armed.WaitAsync(Limit);
        clock.Advance(TimeSpan.FromSeconds(1));

        (await program.NextAsync()).End(0);
        Assert.That((await run.Completion.WaitAsync(Limit)).State, Is.EqualTo(DriverState.Finished));
    }

    [Test]
    public async Task A_driver_that_is_killed_in_a_pause_does_not_start_again()
    {
        var (clock, program) = (new ManualClock(), new FakeProgram());
        var run = Run(program, clock, isSupervised: true);
        var armed = clock.WhenTimerArmedAsync(static _ => true);
        (await program.NextAsync()).End(1);
        await armed.WaitAsync(Limit);

        run.Kill();

        Assert.That((await run.Completion.WaitAsync(Limit)).State, Is.EqualTo(DriverState.Killed));
        Assert.That(program.Starts, Is.EqualTo(1));
    }

    [Test]
    public async Task A_driver_that_is_killed_while_its_files_are_fetched_is_not_started()
    {
        var program = new FakeProgram { Preparing = new TaskCompletionSource() };
        var run = Run(program, new ManualClock());

        run.Kill();

        Assert.That((await run.Completion.WaitAsync(Limit)).State, Is.EqualTo(DriverState.Killed));
        Assert.That(program.Starts, Is.Zero);
    }

    [Test]
    public void A_driver_whose_files_cannot_be_fetched_fails_with_the_reason()
    {
        var program = new FakeProgram { Preparing = new TaskCompletionSource() };
        program.Preparing.SetException(new SparkException("no such file"));

        var run = Run(program, new ManualClock(), isSupervised: true);

        Assert.That(async () => await run.Completion.WaitAsync(Limit), Throws.TypeOf<SparkException>().With.Message.EqualTo("no such file"));
    }

    private static DriverRunner Run(FakeProgram program, ManualClock clock, bool isSupervised = false) =>
        new(Id, isSupervised, program, TerminateTimeout, clock, NullLogger.Instance);

    private sealed class FakeProgram : IDriverProgram
    {
        private readonly System.Threading.Channels.Channel<FakeProcess> _started = System.Threading.Channels.Channel.CreateUnbounded<FakeProcess>();

        public TaskCompletionSource? Preparing { get; init; }

        public int Starts { get; private set; }

        public async Task<FakeProcess> NextAsync() => await _started.Reader.ReadAsync().AsTask().WaitAsync(Limit);

        public Task PrepareAsync(CancellationToken cancellationToken) =>
            Preparing is null ? Task.CompletedTask : Preparing.Task.WaitAsync(cancellationToken);

        public Task<IDriverProcess> StartAsync()
        {
            Starts++;
            var process = new FakeProcess();
            _started.Writer.TryWrite(process);
            return Task.FromResult<IDriverProcess>(process);
        }
    }

    private sealed class FakeProcess : IDriverProcess
    {
        private readonly TaskCompletionSource<int> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _terminated = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<int> Exited => _exited.Task;

        public Task Terminated => _terminated.Task;

        public bool WasKilled { get; private set; }

        public void End(int status) => _exited.TrySetResult(status);

        public void Terminate() => _terminated.TrySetResult();

        public void Kill()
        {
            WasKilled = true;
            End(137);
        }
    }
}
