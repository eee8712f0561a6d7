using Microsoft.Extensions.Logging;
using Sparkish.Rpc;
using Sparkish.Simulation;
using Sparkish.TestKit;

namespace Sparkish.Tests.Rpc.Local;

internal sealed class ShutdownTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    [Test]
    public async Task A_handler_that_hangs_is_abandoned_and_named_and_the_env_ends()
    {
        var clock = new ManualClock();
        var lines = new LogLines();
        using var release = new ManualResetEventSlim();
        using var inside = new ManualResetEventSlim();
        var env = Envs.New(Envs.Options() with { Time = clock, LoggerFactory = lines });
        var hanging = env.SetupEndpoint("hanging", new TestEndpoint(_ => { inside.Set(); release.Wait(Envs.Patience); }));
        var asker = env.SetupEndpoint("other", new TestEndpoint());
        hanging.Send("hang");
        inside.Wait(Envs.Patience);
        var waiting = hanging.AskAsync<int>("unheard", Timeout.InfiniteTimeSpan).AsTask();

        var ended = env.ShutdownAsync(Deadline);
        await clock.WhenTimerArmedAsync(Deadline);
        clock.Advance(Deadline);
        var report = await Eventually(ended, clock);

        Assert.That(report.AbandonedEndpoints, Is.EqualTo(new[] { "hanging" }));
        Assert.That((report.IsClean, report.MissedDeadline), Is.EqualTo((false, true)));
        Assert.That(lines.Texts, Has.Some.Contains("hanging"));
        Assert.That(async () => await waiting.WaitAsync(Envs.Patience), Throws.InstanceOf<RpcEnvStoppedException>());
        Assert.That(env.Termination.IsCompleted);
        release.Set();
    }

    [Test]
    public async Task A_deadline_shortens_a_disposal_that_has_begun()
    {
        var clock = new ManualClock();
        using var release = new ManualResetEventSlim();
        using var inside = new ManualResetEventSlim();
        var env = Envs.New(Envs.Options() with { Time = clock, LoggerFactory = new LogLines() });
        env.SetupEndpoint("hanging", new TestEndpoint(_ => { inside.Set(); release.Wait(Envs.Patience); })).Send("hang");
        inside.Wait(Envs.Patience);

        var disposed = env.DisposeAsync().AsTask();
        var report = await Eventually(env.ShutdownAsync(TimeSpan.Zero), clock);
        await disposed.WaitAsync(Envs.Patience);

        Assert.That(report.AbandonedEndpoints, Is.EqualTo(new[] { "hanging" }));
        release.Set();
    }

    [Test]
    public async Task An_abandoned_endpoint_gets_no_further_message_and_has_stopped_only_when_its_handler_has_ended()
    {
        await using var env = Envs.New();
        using var release = new ManualResetEventSlim();
        using var inside = new ManualResetEventSlim();
        var endpoint = new TestEndpoint(_ => { inside.Set(); release.Wait(Envs.Patience); }, (_, call) => call.Reply(1));
        var hanging = env.SetupEndpoint("hanging", endpoint);
        hanging.Send("hang");
        inside.Wait(Envs.Patience);
        hanging.Send("behind");
        var asked = hanging.AskAsync<int>("behind", Timeout.InfiniteTimeSpan).AsTask();

        var first = await env.StopAsync(hanging, TimeSpan.Zero).WaitAsync(Envs.Patience);
        var second = await env.StopAsync(hanging, TimeSpan.Zero).WaitAsync(Envs.Patience);
        var third = env.StopAsync(hanging);
        var early = third.IsCompleted;
        release.Set();

        using (Assert.EnterMultipleScope())
        {
            Assert.That((first, second, early), Is.EqualTo((false, false, false)));
            Assert.That(await third.WaitAsync(Envs.Patience));
            Assert.That(async () => await asked.WaitAsync(Envs.Patience), Throws.InstanceOf<EndpointNotFoundException>());
            Assert.That(await endpoint.UntilStoppedAsync(), Has.None.EqualTo("behind"));
        }
    }

    [Test]
    public async Task A_handler_that_gives_up_at_the_deadline_of_its_stop_is_no_error()
    {
        await using var env = Envs.New();
        var errors = 0;
        var endpoint = env.SetupEndpoint("e", new GivesUp(() => Interlocked.Increment(ref errors)));
        endpoint.Send("wait");

        var inTime = await env.StopAsync(endpoint, TimeSpan.Zero).WaitAsync(Envs.Patience);
        var stopped = await env.StopAsync(endpoint).WaitAsync(Envs.Patience);

        Assert.That((inTime, stopped, errors, env.Termination.IsCompleted), Is.EqualTo((false, true, 0, false)));
    }

    [Test]
    public async Task A_shutdown_in_time_is_clean()
    {
        var env = Envs.New();
        env.SetupEndpoint("e", new TestEndpoint()).Send("hello");

        var report = await env.ShutdownAsync(Envs.Patience);

        Assert.That((report.IsClean, report.AbandonedEndpoints.Count), Is.EqualTo((true, 0)));
    }

    [Test]
    public async Task An_endpoint_is_stopped_when_StopAsync_completes()
    {
        await using var env = Envs.New();
        var stopped = false;
        var endpoint = env.SetupEndpoint("e", new TestEndpoint { Stopping = () => stopped = true });

        var inTime = await env.StopAsync(endpoint, Envs.Patience);
        var again = await env.StopAsync(endpoint);

        Assert.That((inTime, again, stopped), Is.EqualTo((true, true, true)));
    }

    [Test]
    public async Task An_endpoint_that_hangs_is_abandoned_at_its_own_deadline_and_nothing_waits_for_it_later()
    {
        var clock = new ManualClock();
        using var release = new ManualResetEventSlim();
        using var inside = new ManualResetEventSlim();
        var env = Envs.New(Envs.Options() with { Time = clock, LoggerFactory = new LogLines() });
        var hanging = env.SetupEndpoint("hanging", new TestEndpoint(_ => { inside.Set(); release.Wait(Envs.Patience); }));
        hanging.Send("hang");
        inside.Wait(Envs.Patience);

        var stopping = env.StopAsync(hanging, Deadline);
        clock.Advance(Deadline);
        var inTime = await stopping.WaitAsync(Envs.Patience);
        var report = await Eventually(env.ShutdownAsync(Timeout.InfiniteTimeSpan), clock);

        Assert.That((inTime, report.IsClean), Is.EqualTo((false, true)));
        release.Set();
    }

    [Test]
    public async Task A_stop_waits_for_a_handler_that_awaits_and_its_deadline_cancels_the_handler()
    {
        var clock = new ManualClock();
        await using var env = Envs.New(Envs.Options() with { Time = clock, LoggerFactory = new LogLines() });
        var (patient, stubborn) = (new Awaiting(), new Awaiting());
        var (first, second) = (env.SetupEndpoint("patient", patient), env.SetupEndpoint("stubborn", stubborn));
        first.Send("wait");
        second.Send("wait");
        await Task.WhenAll(patient.Begun.Task, stubborn.Begun.Task).WaitAsync(Envs.Patience);

        var stopped = env.StopAsync(first);
        var wasWaiting = !stopped.IsCompleted;
        patient.Gate.SetResult();
        var firstInTime = await stopped.WaitAsync(Envs.Patience);
        var abandoned = env.StopAsync(second, Deadline);
        clock.Advance(Deadline);

        Assert.That((wasWaiting, firstInTime, await abandoned.WaitAsync(Envs.Patience)), Is.EqualTo((true, true, false)));
        await stubborn.Cancelled.Task.WaitAsync(Envs.Patience);
        stubborn.Gate.SetResult();
    }

    [Test]
    public async Task Tasks_run_in_the_order_of_their_phases_and_a_failure_stops_nothing()
    {
        var log = new LogLines();
        var env = Envs.New(Envs.Options() with { LoggerFactory = log });
        var steps = new List<string>();
        env.SetupEndpoint("e", new TestEndpoint { Stopping = () => steps.Add("endpoint") });
        foreach (var phase in Enum.GetValues<ShutdownPhase>().Reverse())
        {
            env.CoordinatedShutdown.AddTask(phase, $"log {phase}", _ =>
            {
                steps.Add(phase.ToString());
                return Task.CompletedTask;
            });
        }

        env.CoordinatedShutdown.AddTask(ShutdownPhase.AfterEndpointsStop, "broken", _ => Task.FromException(new InvalidOperationException("luck")));
        env.CoordinatedShutdown.AddTask(ShutdownPhase.BeforeConnectionsClose, "broken at once", _ => throw new InvalidOperationException("luck"));
        env.CoordinatedShutdown.AddTask(ShutdownPhase.BeforeEndpointsStop, "removed", _ => throw new InvalidOperationException("never")).Dispose();
        var report = await env.ShutdownAsync(Envs.Patience);

        Assert.That(steps, Is.EqualTo(new[] { "BeforeEndpointsStop", "endpoint", "AfterEndpointsStop", "BeforeConnectionsClose", "AfterConnectionsClose" }));
        Assert.That(report.Failures.Select(failure => failure.Task), Is.EqualTo(new[] { "broken", "broken at once" }));
        Assert.That(() => env.CoordinatedShutdown.AddTask(ShutdownPhase.AfterEndpointsStop, "late", _ => Task.CompletedTask),
            Throws.InstanceOf<InvalidOperationException>());
    }

    [Test]
    public async Task A_shutdown_task_that_never_ends_has_its_time_and_is_left_alone()
    {
        var clock = new ManualClock();
        var env = Envs.New(Envs.Options() with { Time = clock, LoggerFactory = new LogLines() });
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        env.CoordinatedShutdown.AddTask(ShutdownPhase.BeforeEndpointsStop, "endless", token =>
        {
            token.Register(() => throw new InvalidOperationException("a callback that throws"));
            begun.SetResult();
            return new TaskCompletionSource().Task;
        }, Deadline);

        var ended = env.ShutdownAsync(Timeout.InfiniteTimeSpan);
        await begun.Task.WaitAsync(Envs.Patience);
        clock.Advance(Deadline);
        var report = await Eventually(ended, clock);

        Assert.That(report.Failures.Single().Error, Is.InstanceOf<TimeoutException>().With.Message.Contains("endless"));
    }

    [Test]
    public void In_simulation_an_endpoint_that_awaits_too_long_is_abandoned()
    {
        var cluster = new SimulatedCluster(1);
        var node = cluster.AddNode("node");

        cluster.Run(async () =>
        {
            var endless = node.Env.SetupEndpoint("endless", new Awaiting());
            endless.Send("wait");
            var phases = new List<ShutdownPhase>();
            foreach (var phase in Enum.GetValues<ShutdownPhase>())
            {
                node.Env.CoordinatedShutdown.AddTask(phase, "log", _ =>
                {
                    phases.Add(phase);
                    return Task.CompletedTask;
                });
            }

            var report = await node.Env.ShutdownAsync(Deadline);

            Assert.That(report.AbandonedEndpoints, Is.EqualTo(new[] { "endless" }));
            Assert.That(phases, Is.EqualTo(Enum.GetValues<ShutdownPhase>()));
        });
    }

    /// <summary>Lets time pass until a shutdown is over.</summary>
    private static async Task<ShutdownReport> Eventually(Task<ShutdownReport> ended, ManualClock clock)
    {
        while (await Task.WhenAny(ended, Task.Delay(10)) != ended) clock.Advance(TimeSpan.FromMilliseconds(20));
        return await ended;
    }

    private sealed class Awaiting : AsyncRpcEndpoint
    {
        public TaskCompletionSource Begun { get; } = new();

        public TaskCompletionSource Gate { get; } = new();

        public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override async ValueTask ReceiveAsync(object message, CancellationToken abandoned)
        {
            await using var registration = abandoned.Register(() => Cancelled.TrySetResult());
            Begun.TrySetResult();
            await Gate.Task;
        }
    }

    private sealed class LogLines : ILoggerFactory, ILogger
    {
        public System.Collections.Concurrent.ConcurrentQueue<string> Texts { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Texts.Enqueue(formatter(state, exception));

        public void Dispose()
        {
            // Nothing is kept.
        }
    }

    private sealed class GivesUp(Action onError) : AsyncRpcEndpoint
    {
        protected override async ValueTask ReceiveAsync(object message, CancellationToken abandoned) => await Task.Delay(Timeout.Infinite, abandoned);

        public override ErrorDirective OnError(Exception error)
        {
            onError();
            return ErrorDirective.Escalate;
        }
    }
}
