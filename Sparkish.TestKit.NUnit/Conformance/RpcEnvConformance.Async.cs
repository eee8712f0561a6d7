using Sparkish.Rpc;

namespace Sparkish.TestKit.NUnit.Conformance;

/// <content>Handlers that await, and still run one at a time.</content>
public abstract partial class RpcEnvConformance
{
    [Test]
    public Task Handlers_that_await_run_one_at_a_time_and_in_order() => CheckAsync(async () =>
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
    public Task A_handler_that_fails_after_an_await_fails_its_question_and_tells_OnError(bool remote) => CheckAsync(async () =>
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
    public Task A_handler_may_await_a_question_to_another_endpoint() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var echo = Register(env, "echo", () => new Witness(env) { Asked = (_, message, call) => call.Reply(message) });
        var log = new EventLog<string>(env, "Async");
        var endpoint = env.SetupEndpoint("e", new AsyncWitness(log, async (message, call) => call!.Value.Reply(await echo.Self.AskAsync<string>(message))));

        Assert.That(await endpoint.AskAsync<string>("hello"), Is.EqualTo("hello"));
    });

    private sealed class AsyncWitness(EventLog<string> log, Func<object, RpcCallContext?, Task> handle) : AsyncRpcEndpoint
    {
        protected override ValueTask ReceiveAsync(object message, CancellationToken abandoned) => new(HandleAsync(message, null));

        protected override ValueTask ReceiveAndReplyAsync(object message, RpcCallContext call, CancellationToken abandoned) => new(HandleAsync(message, call));

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
