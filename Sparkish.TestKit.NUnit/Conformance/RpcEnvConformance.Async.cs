using Sparkish.Rpc;

namespace Sparkish.TestKit.NUnit.Conformance;

/// <content>Handlers that await, and still run one at a time.</content>
public abstract partial class RpcEnvConformance
{
    [Test]
    public Task Handlers_that_await_run_one_at_a_time_and_in_order() => CheckAsync(RpcEnvFeature.AsyncHandlers, async () =>
    {
        var env = NewEnv();
        var gates = Enumerable.Range(0, 3).Select(_ => env.NewCompletion<bool>()).ToArray();
        var log = new EventLog<string>(env, "Async");
        var endpoint = env.SetupEndpoint("e", new AsyncWitness(log, async (message, _) => await gates[(int)message].Task));

        for (var i = 0; i < gates.Length; i++) endpoint.Send(i);
        Assert.That(await log.NextAsync(), Is.EqualTo("begin 0"));
        Assert.That(await log.TryNextAsync(Short), Is.EqualTo((false, default(string))));
        foreach (var gate in gates.Reverse()) gate.SetResult(true);

        foreach (var expected in new[] { "end 0", "begin 1", "end 1", "begin 2", "end 2" }) Assert.That(await log.NextAsync(), Is.EqualTo(expected));
    });

    [TestCase(false)]
    [TestCase(true)]
    public Task A_handler_that_fails_after_an_await_fails_its_question_and_tells_OnError(bool remote) => CheckAsync(RpcEnvFeature.AsyncHandlers, async () =>
    {
        var (server, client) = NewPair(remote);
        var gate = server.NewCompletion<bool>();
        var log = new EventLog<string>(server, "Async");
        var endpoint = server.SetupEndpoint("e", new AsyncWitness(log, async (message, _) =>
        {
            if (message is Text { Number: 1 }) await gate.Task;
            throw new InvalidOperationException(((Text)message).Word);
        }));
        var there = client.RefTo(endpoint);

        var first = there.AskAsync<int>(new Text("later", 1)).AsTask();
        var second = there.AskAsync<int>(new Text("at once", 2)).AsTask();
        Assert.That(await log.NextAsync(), Does.StartWith("begin"));
        gate.SetResult(true);

        Assert.That((await FailureOfAsync<Exception>(first)).Message, Is.EqualTo("later"));
        Assert.That((await FailureOfAsync<Exception>(second)).Message, Is.EqualTo("at once"));
        foreach (var expected in new[] { "error later", "begin", "error at once" }) Assert.That(await log.NextAsync(), Does.StartWith(expected));
    });

    [Test]
    public Task A_handler_may_await_a_question_to_another_endpoint() => CheckAsync(RpcEnvFeature.AsyncHandlers, async () =>
    {
        var env = NewEnv();
        var echo = Register(env, "echo", () => new Witness(env) { Asked = (_, message, call) => call.Reply(message) });
        var log = new EventLog<string>(env, "Async");
        var endpoint = env.SetupEndpoint("e", new AsyncWitness(log, async (message, call) => call!.Value.Reply(await echo.Self.AskAsync<string>(message))));

        Assert.That(await endpoint.AskAsync<string>("hello"), Is.EqualTo("hello"));
    });

    [Test]
    public Task A_stop_waits_for_the_handler_that_runs() => CheckAsync(RpcEnvFeature.StopWithDeadline, async () =>
    {
        var env = NewEnv();
        var gate = env.NewCompletion<bool>();
        var log = new EventLog<string>(env, "Async");
        var endpoint = env.SetupEndpoint("e", new AsyncWitness(log, async (_, _) => await gate.Task));
        endpoint.Send("slow");
        Assert.That(await log.NextAsync(), Is.EqualTo("begin slow"));

        var stopping = env.StopAsync(endpoint);
        var wasWaiting = !stopping.IsCompleted;
        gate.SetResult(true);

        Assert.That((wasWaiting, await stopping, await env.StopAsync(endpoint)), Is.EqualTo((true, true, true)));
        foreach (var expected in new[] { "end slow", "stop" }) Assert.That(await log.NextAsync(), Is.EqualTo(expected));
    });

    [Test]
    public Task A_handler_that_does_not_end_is_abandoned_at_the_deadline_of_its_stop() => CheckAsync(RpcEnvFeature.StopWithDeadline, async () =>
    {
        var env = NewEnv();
        var (begun, gate) = (env.NewCompletion<bool>(), env.NewCompletion<bool>());
        var endpoint = env.SetupEndpoint("e", new StubbornEndpoint(begun, gate.Task));
        endpoint.Send("slow");
        await begun.Task;

        Assert.That(await env.StopAsync(endpoint, Short), Is.False);
        Assert.That((await env.ShutdownAsync(Timeout.InfiniteTimeSpan)).IsClean);

        gate.SetResult(true);
    });

    [Test]
    public Task A_shutdown_by_a_deadline_runs_its_phases_and_names_what_it_abandoned() => CheckAsync(RpcEnvFeature.StopWithDeadline, async () =>
    {
        var env = NewEnv();
        var (begun, gate) = (env.NewCompletion<bool>(), env.NewCompletion<bool>());
        var log = new EventLog<string>(env, "Phases");
        Register(env, "orderly");
        env.SetupEndpoint("stubborn", new StubbornEndpoint(begun, gate.Task)).Send("slow");
        foreach (var phase in Enum.GetValues<ShutdownPhase>())
        {
            env.CoordinatedShutdown.AddTask(phase, phase.ToString(), _ =>
            {
                log.Add(phase.ToString());
                return Task.CompletedTask;
            });
        }

        await begun.Task;
        var report = await env.ShutdownAsync(Short);

        Assert.That(report.AbandonedEndpoints, Is.EqualTo(new[] { "stubborn" }));
        Assert.That((report.MissedDeadline, env.Termination.IsCompletedSuccessfully), Is.EqualTo((true, true)));
        Assert.That(await log.NextAsync(), Is.EqualTo(nameof(ShutdownPhase.BeforeEndpointsStop)));
        gate.SetResult(true);
    });

    /// <summary>An endpoint whose handler completes on request.</summary>
    private sealed class StubbornEndpoint(TaskCompletionSource<bool> begun, Task gate) : AsyncRpcEndpoint
    {
        protected override async ValueTask ReceiveAsync(object message, CancellationToken abandoned)
        {
            begun.TrySetResult(true);
            await gate;
        }
    }

    private sealed class AsyncWitness(EventLog<string> log, Func<object, RpcCallContext?, Task> handle) : AsyncRpcEndpoint
    {
        protected override ValueTask ReceiveAsync(object message, CancellationToken abandoned) => new(HandleAsync(message, null));

        protected override ValueTask ReceiveAndReplyAsync(object message, RpcCallContext call, CancellationToken abandoned) => new(HandleAsync(message, call));

        public override void OnStop() => log.Add("stop");

        public override ErrorDirective OnError(Exception error)
        {
            log.Add($"error {error.Message}");
            return ErrorDirective.Resume;
        }

        private async Task HandleAsync(object message, RpcCallContext? call)
        {
            log.Add($"begin {message}");
            await handle(message, call);
            log.Add($"end {message}");
        }
    }
}
