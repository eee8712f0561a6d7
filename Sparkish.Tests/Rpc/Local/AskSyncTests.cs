using Sparkish.Rpc;

namespace Sparkish.Tests.Rpc.Local;

/// <summary>A thread that waits never waits for work queued behind itself.</summary>
internal sealed class AskSyncTests
{
    [TestCase(false)]
    [TestCase(true)]
    public async Task Two_hundred_threads_of_the_pool_may_ask_and_wait_at_once(bool remote)
    {
        await using var server = Envs.New("server");
        await using var client = Envs.New("client");
        var asker = remote ? client : server;
        var echo = server.SetupEndpoint("echo", new TestEndpoint(onAsk: (message, call) => call.Reply(((Note)message).Number))).From(asker);

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(n => Task.Run(() => echo.AskSync<int>(new Note("n", n))))).WaitAsync(Envs.Patience);

        Assert.That(answers, Is.EqualTo(Enumerable.Range(0, 200)));
    }

    [Test]
    public async Task A_waiting_thread_waits_no_longer_than_its_timeout_while_a_handler_hangs()
    {
        await using var env = Envs.New();
        using var release = new ManualResetEventSlim();
        var hanging = env.SetupEndpoint("hanging", new TestEndpoint(onAsk: (_, call) => { release.Wait(Envs.Patience); call.Reply(1); }));

        var asked = Task.Run(() => hanging.AskSync<int>("wait", TimeSpan.FromMilliseconds(50)));

        Assert.That(async () => await asked.WaitAsync(Envs.Patience), Throws.InstanceOf<RpcTimeoutException>());
        release.Set();
    }

    [Test]
    public async Task A_waiting_thread_gives_its_room_in_the_pool_back()
    {
        await using var env = Envs.New();
        var calls = new System.Collections.Concurrent.BlockingCollection<RpcCallContext>();
        var gate = env.SetupEndpoint("gate", new TestEndpoint(onAsk: (_, call) => calls.Add(call)));
        ThreadPool.GetMinThreads(out var before, out _);

        var asked = Enumerable.Range(0, 8).Select(n => Task.Run(() => gate.AskSync<int>(n))).ToList();
        var waiting = Enumerable.Range(0, 8).Select(_ => calls.Take()).ToList();
        foreach (var call in waiting) call.Reply(1);
        await Task.WhenAll(asked).WaitAsync(Envs.Patience);

        Assert.That(() => { ThreadPool.GetMinThreads(out var after, out _); return after; }, Is.EqualTo(before).After(10_000, 10));
    }
}
