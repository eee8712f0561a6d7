#pragma warning disable MA0147, VSTHRD100, VSTHRD101 // async void is what these tests are about
using System.Collections.Concurrent;
using Sparkish.Rpc;
using Sparkish.Simulation;

namespace Sparkish.Tests.Rpc.Local;

internal sealed class AsyncVoidTests
{
    [TestCase(typeof(Plain))]
    [TestCase(typeof(Isolated))]
    [TestCase(typeof(Concurrent))]
    public async Task What_an_async_void_method_throws_goes_to_OnError(Type type)
    {
        await using var env = Envs.New();
        var gate = new TaskCompletionSource();
        var errors = new BlockingCollection<string>();
        var endpoint = env.SetupEndpoint("e", (RpcEndpoint)Activator.CreateInstance(type, gate, errors)!);

        endpoint.Send("at once");
        var first = errors.Take();
        endpoint.Send("later");
        gate.SetResult();

        Assert.That((first, errors.Take()), Is.EqualTo(("at once", "later")));
    }

    [Test]
    public async Task An_async_void_lambda_given_to_an_endpoint_is_followed_too()
    {
        await using var env = Envs.New();
        var gate = new TaskCompletionSource();
        var witness = new TestEndpoint(async _ =>
        {
            await gate.Task;
            await Task.Yield();
            throw new InvalidOperationException("later");
        });
        var endpoint = env.SetupEndpoint("e", witness);

        endpoint.Send("go");
        object[] seen = [await witness.NextAsync(), await witness.NextAsync()];
        gate.SetResult();

        Assert.That(seen, Is.EqualTo(new[] { "start", "go" }));
        Assert.That((await witness.NextAsync(), witness.Errors.Single().Message), Is.EqualTo(("error", "later")));
    }

    [TestCase("handler")]
    [TestCase("pipe")]
    public async Task What_begins_after_an_await_is_followed_too(string place)
    {
        await using var env = Envs.New();
        var errors = new BlockingCollection<string>();
        var endpoint = env.SetupEndpoint("e", new Awaiting(errors));

        var answer = await endpoint.AskAsync<string>(place).AsTask().WaitAsync(Envs.Patience);

        Assert.That((answer, errors.Take()), Is.EqualTo(("ok", "thrown")));
        Assert.That(await endpoint.AskAsync<string>("neither").AsTask().WaitAsync(Envs.Patience), Is.EqualTo("ok"));
    }

    [Test]
    public async Task An_awaiting_handler_may_not_block_its_endpoint_by_AskSync()
    {
        await using var env = Envs.New();
        var endpoint = env.SetupEndpoint("e", new Awaiting([]));

        Assert.That(async () => await endpoint.AskAsync<string>("ask sync").AsTask().WaitAsync(Envs.Patience),
            Throws.InstanceOf<InvalidOperationException>().With.Message.Contains("AskSync"));
    }

    [Test]
    public void In_simulation_an_endpoint_with_an_async_void_method_is_refused()
    {
        var cluster = new SimulatedCluster(1);

        cluster.AddNode("node", (RpcEnv env) =>
            Assert.That(() => env.SetupEndpoint("e", new Plain(new TaskCompletionSource(), [])),
                Throws.InstanceOf<NotSupportedException>().With.Message.Contains("OnFail")));
        cluster.RunFor(TimeSpan.FromSeconds(1));
    }

    private sealed class Awaiting(BlockingCollection<string> errors) : AsyncRpcEndpoint
    {
        protected override async ValueTask ReceiveAndReplyAsync(object message, RpcCallContext call, CancellationToken abandoned)
        {
            await Task.Yield();
            if (message is "handler") FailLater();
            if (message is "pipe") PipeToSelf(Task.Delay(1, abandoned), () => { FailLater(); return "piped"; });
            if (message is "ask sync") Self.AskSync<string>("never");
            call.Reply("ok");
        }

        protected override ValueTask ReceiveAsync(object message, CancellationToken abandoned) => ValueTask.CompletedTask;

        public override ErrorDirective OnError(Exception error)
        {
            errors.Add(error.Message);
            return ErrorDirective.Resume;
        }

        private static async void FailLater()
        {
            await Task.Yield();
            throw new InvalidOperationException("thrown");
        }
    }

    private sealed class Plain(TaskCompletionSource gate, BlockingCollection<string> errors) : RpcEndpoint
    {
        public override void Receive(object message) => OnFail(message);

        public override ErrorDirective OnError(Exception error)
        {
            errors.Add(error.Message);
            return ErrorDirective.Resume;
        }

        private async void OnFail(object message)
        {
            if (message is "later") await gate.Task;
            throw new InvalidOperationException((string)message);
        }
    }

    private sealed class Isolated(TaskCompletionSource gate, BlockingCollection<string> errors) : IsolatedRpcEndpoint
    {
        public override async void Receive(object message)
        {
            if (message is "later") await gate.Task;
            throw new InvalidOperationException((string)message);
        }

        public override ErrorDirective OnError(Exception error)
        {
            errors.Add(error.Message);
            return ErrorDirective.Resume;
        }
    }

    private sealed class Concurrent(TaskCompletionSource gate, BlockingCollection<string> errors) : ConcurrentRpcEndpoint
    {
        public override async void Receive(object message)
        {
            if (message is "later") await gate.Task;
            throw new InvalidOperationException((string)message);
        }

        public override ErrorDirective OnError(Exception error)
        {
            errors.Add(error.Message);
            return ErrorDirective.Resume;
        }
    }
}
