using Sparkish.Rpc;
using Sparkish.TestKit;
using Sparkish.Tests.Rpc.Local;
using Sparkish.Tests.Security;

namespace Sparkish.Tests.Rpc;

internal sealed class DeadLettersTests
{
    private static readonly RpcAddress Node = new("node", 1);

    [Test]
    public void One_line_in_a_while_is_logged_for_a_receiver_and_tells_of_the_others()
    {
        var clock = new ManualClock();
        using var log = new RecordedLog();
        using var letters = new DeadLetters("env", clock, log);

        for (var i = 0; i < 1000; i++) letters.Report(To("a"));
        letters.Report(To("b"));
        clock.Advance(TimeSpan.FromSeconds(10));
        clock.Advance(TimeSpan.FromSeconds(10));
        letters.Report(To("a"));

        Assert.That(letters.Total, Is.EqualTo(1002));
        Assert.That(log.Lines.Select(line => line.Trim()), Is.EqualTo(new[]
        {
            "Dropped 1 message to a: gone", "Dropped 1 message to b: gone", "Dropped 999 messages to a: gone", "Dropped 1 message to a: gone",
        }));
    }

    [Test]
    public void What_was_held_back_is_logged_at_the_end()
    {
        using var log = new RecordedLog();
        var letters = new DeadLetters("env", new ManualClock(), log);

        letters.Report(To("a"));
        letters.Report(To("a") with { Count = 5 });
        letters.Dispose();

        Assert.That(log.Lines.Select(line => line.Trim()), Is.EqualTo(new[] { "Dropped 1 message to a: gone", "Dropped 5 messages to a: gone" }));
    }

    [Test]
    public void Invented_receivers_fill_neither_the_log_nor_the_memory()
    {
        using var log = new RecordedLog();
        using var letters = new DeadLetters("env", new ManualClock(), log);

        for (var i = 0; i < 100_000; i++) letters.Report(To($"e{i}"));

        Assert.That((letters.Total, log.Lines.Count), Is.EqualTo((100_000L, 1025)));
        Assert.That(log.Lines.Last(), Does.StartWith("Dropped 1 message to other receivers"));
    }

    [Test]
    public void A_subscriber_that_causes_dead_letters_itself_is_not_called_for_them()
    {
        using var log = new RecordedLog();
        using var letters = new DeadLetters("env", new ManualClock(), log);
        var calls = 0;
        using var subscription = letters.Subscribe(letter =>
        {
            calls++;
            letters.Report(letter);
        });

        letters.Report(To("a"));

        Assert.That((calls, letters.Total), Is.EqualTo((1, 2L)));
    }

    [Test]
    public void Nobody_is_called_after_the_end_of_a_subscription_and_others_still_are()
    {
        using var log = new RecordedLog();
        using var letters = new DeadLetters("env", new ManualClock(), log);
        var (first, second) = (0, 0);
        var ended = letters.Subscribe(_ => first++);
        using var lasting = letters.Subscribe(_ => second++);

        letters.Report(To("a"));
        ended.Dispose();
        ended.Dispose();
        letters.Report(To("a"));

        Assert.That((first, second), Is.EqualTo((1, 2)));
    }

    [Test]
    public void A_dead_letter_that_nobody_wants_allocates_nothing()
    {
        using var log = new RecordedLog();
        using var letters = new DeadLetters("env", new ManualClock(), log);
        var letter = To("a");
        for (var i = 0; i < 1000; i++) letters.Report(letter);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) letters.Report(letter);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void A_clock_that_makes_no_timer_costs_the_sender_nothing()
    {
        using var log = new RecordedLog();
        using var letters = new DeadLetters("env", new RefusingClock(TimeProvider.System) { Refuses = true }, log);

        letters.Report(To("a"));

        Assert.That(letters.Total, Is.EqualTo(1));
    }

    [Test]
    public async Task A_reply_that_comes_after_its_ask_has_ended_is_a_dead_letter_of_the_asking_env([Values] bool remote)
    {
        await using var server = Envs.New("server");
        await using var other = Envs.New("client");
        var client = remote ? other : server;
        var calls = new EventLog<RpcCallContext>(server, "Calls");
        var there = server.SetupEndpoint("e", new TestEndpoint(onAsk: (_, call) => calls.Add(call))).From(client);
        var letters = new EventLog<DeadLetter>(client, "Dead letters");
        using var subscription = client.DeadLetters.Subscribe(letters.Add);

        Assert.ThrowsAsync<RpcTimeoutException>(() => there.AskAsync<int>(1, TimeSpan.FromMilliseconds(1)).AsTask());
        (await calls.NextAsync()).Reply(2);

        var letter = await letters.NextAsync();
        Assert.That((letter.Reason, letter.Node, letter.Sender, letter.Message),
            Is.EqualTo((DeadLetterReason.LateReply, client.Address, (RpcAddress?)server.Address, remote ? null : (object)2)));
    }

    [Test]
    public async Task Messages_to_the_endpoints_of_an_env_that_has_stopped_are_no_warning()
    {
        using var log = new RecordedLog();
        var env = Envs.New(Envs.Options() with { LoggerFactory = log });
        var here = env.SetupEndpoint("e", new TestEndpoint());
        await env.DisposeAsync();

        for (var i = 0; i < 10; i++) here.Send(i);

        Assert.That((log.Warnings, env.DeadLetters.Total), Is.EqualTo((0, 10L)));
    }

    private static DeadLetter To(string endpoint) => new(DeadLetterReason.EndpointNotFound, Node) { Endpoint = endpoint, Description = "gone" };
}
