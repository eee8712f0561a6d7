using System.Diagnostics;
using Sparkish.Rpc;
using Sparkish.Rpc.Local;

namespace Sparkish.Tests.Rpc.Local;

internal sealed class TurnTests
{
    [Test]
    public void Handled_messages_are_counted_together_up_to_a_cost_and_at_the_end_of_the_turn()
    {
        var (first, second) = (new Source(uncounted: 250), new Source(uncounted: 250));

        var turn = Turn.Begin();
        for (var i = 0; i < 4; i++) Turn.CountHandled(first, 100);
        Turn.CountHandled(second, 7);
        var within = (first.Handled.ToArray(), second.Handled.ToArray());
        turn.End();
        Turn.CountHandled(second, 9);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(within.Item1, Is.EqualTo(new long[] { 300, 100 }), "another source ends what is counted together");
            Assert.That(within.Item2, Is.Empty);
            Assert.That(second.Handled, Is.EqualTo(new long[] { 7, 9 }), "outside of a turn at once");
        }
    }

    [Test]
    public void Nothing_is_put_off_for_a_while_after_a_slow_handler()
    {
        var done = new List<string>();
        var turn = Turn.Begin();
        Turn.TryDefer(() => done.Add("first"));
        for (var begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin) < TimeSpan.FromMilliseconds(1);) Thread.SpinWait(10);

        turn.Step();
        var afterSlow = done.ToArray();
        Turn.TryDefer(() => done.Add("second"));
        var prompt = done.ToArray();
        for (var i = 0; i < 16; i++) turn.Step();
        Turn.TryDefer(() => done.Add("third"));
        var deferred = done.ToArray();
        turn.End();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(afterSlow, Is.EqualTo(new[] { "first" }));
            Assert.That(prompt, Is.EqualTo(new[] { "first", "second" }));
            Assert.That(deferred, Is.EqualTo(prompt));
            Assert.That(done, Is.EqualTo(new[] { "first", "second", "third" }));
        }
    }

    private sealed class Source(long uncounted) : IInboundSource
    {
        public List<long> Handled { get; } = [];

        public IInboundConnection Connection => throw new NotSupportedException();

        public RpcPeer Peer => throw new NotSupportedException();

        public long UncountedCost => uncounted;

        void IInboundSource.Handled(long cost) => Handled.Add(cost);
    }
}
