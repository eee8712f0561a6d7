using Sparkish.Rpc;
using Sparkish.Rpc.Local;
using Sparkish.TestKit;

namespace Sparkish.Tests.Rpc.Local;

internal sealed class DeadlineQueueTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(10);

    /// <summary>Against a list: asks that come, asks that are answered, time that passes.</summary>
    [FsCheck.NUnit.Property]
    public bool An_ask_expires_at_its_deadline_unless_it_was_removed(byte[] steps)
    {
        var clock = new ManualClock();
        using var queue = new DeadlineQueue(clock, Duration);
        var waiting = new List<(FakeAsk Ask, DateTimeOffset Deadline)>();
        var removed = new List<FakeAsk>();
        var expired = new List<FakeAsk>();
        foreach (var step in steps)
        {
            switch (step % 3)
            {
                case 0:
                    var ask = new FakeAsk();
                    queue.Add(ask);
                    waiting.Add((ask, clock.GetUtcNow() + Duration));
                    break;
                case 1 when waiting.Count > 0:
                    var at = step % waiting.Count;
                    queue.Remove(waiting[at].Ask);
                    queue.Remove(waiting[at].Ask);
                    removed.Add(waiting[at].Ask);
                    waiting.RemoveAt(at);
                    break;
                default:
                    clock.Advance(TimeSpan.FromSeconds(step % 7));
                    expired.AddRange(waiting.Where(entry => entry.Deadline <= clock.GetUtcNow()).Select(entry => entry.Ask));
                    waiting.RemoveAll(entry => entry.Deadline <= clock.GetUtcNow());
                    break;
            }

            // The queue rounds up by a tick so that it never looks too early: what is due this very moment may expire with the next one.
            clock.Advance(TimeSpan.FromTicks(2));
        }

        return waiting.TrueForAll(entry => entry.Ask.Outcomes.IsEmpty)
            && removed.TrueForAll(ask => ask.Outcomes.IsEmpty)
            && expired.TrueForAll(ask => ask.Outcomes.Count == 1 && ask.Outcomes.TryPeek(out var outcome) && outcome is RpcTimeoutException);
    }

    [Test]
    public async Task Of_an_answer_and_the_deadline_one_is_the_outcome()
    {
        for (var round = 0; round < 2000; round++)
        {
            var clock = new ManualClock();
            using var queue = new DeadlineQueue(clock, Duration);
            var asks = Enumerable.Range(0, 10).Select(_ => new FakeAsk()).ToList();
            foreach (var ask in asks) queue.Add(ask);

            await Task.WhenAll(
                Task.Run(() => clock.Advance(Duration + TimeSpan.FromTicks(2))),
                Task.Run(() => asks.ForEach(ask => ask.Answer(ask.Use, "answer", null))));

            Assert.That(asks.Select(ask => ask.Outcomes.Count), Has.All.EqualTo(1));
        }
    }

    [Test]
    public void A_timer_that_refuses_leaves_nothing_behind()
    {
        var time = new ManualClock();
        var clock = new RefusingClock(time) { Refuses = false };
        using var queue = new DeadlineQueue(clock, Duration);
        var (refused, kept) = (new FakeAsk(), new FakeAsk());

        clock.Refuses = true;
        Assert.That(() => queue.Add(refused), Throws.InstanceOf<NotSupportedException>());
        clock.Refuses = false;
        queue.Add(kept);
        time.Advance(Duration + TimeSpan.FromTicks(2));

        Assert.That((refused.Outcomes.Count, kept.Outcomes.Count), Is.EqualTo((0, 1)));
    }

    [Test]
    public void A_timer_that_fails_while_asks_wait_fails_them()
    {
        var time = new ManualClock();
        var clock = new RefusingClock(time);
        using var queue = new DeadlineQueue(clock, Duration);
        var (first, second) = (new FakeAsk(), new FakeAsk());

        queue.Add(first);
        time.Advance(Duration / 2);
        queue.Add(second);
        clock.Refuses = true;
        time.Advance(Duration);

        Assert.That(first.Outcomes, Has.Some.InstanceOf<RpcTimeoutException>());
        Assert.That(second.Outcomes, Has.Some.InstanceOf<SparkException>());
    }

    [Test]
    public void A_clock_that_jumps_far_ahead_lets_all_expire()
    {
        var clock = new ManualClock();
        using var queue = new DeadlineQueue(clock, TimeSpan.FromDays(100));
        var asks = Enumerable.Range(0, 3).Select(_ => new FakeAsk()).ToList();

        foreach (var ask in asks)
        {
            queue.Add(ask);
            clock.Advance(TimeSpan.FromDays(20));
        }

        clock.Advance(TimeSpan.FromDays(10_000));

        Assert.That(asks.Select(ask => ask.Outcomes.Count), Has.All.EqualTo(1));
    }

    [Test]
    public void A_closed_queue_has_failed_all_and_takes_no_more()
    {
        using var queue = new DeadlineQueue(new ManualClock(), Timeout.InfiniteTimeSpan);
        var (waiting, late) = (new FakeAsk(), new FakeAsk());
        queue.Add(waiting);

        queue.Close(() => new RpcEnvStoppedException("env"));

        Assert.That(waiting.Outcomes, Has.Some.InstanceOf<RpcEnvStoppedException>());
        Assert.That(queue.Add(late), Is.False);
    }
}
