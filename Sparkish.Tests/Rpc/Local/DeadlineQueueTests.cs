#pragma warning disable NUnit1027 // FsCheck supplies the arguments of properties
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
}
