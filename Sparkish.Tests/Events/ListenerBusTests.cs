using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Events;

namespace Sparkish.Tests.Events;

public sealed class ListenerBusTests
{
    [Test]
    public async Task Events_reach_every_listener_in_order_and_a_failing_one_harms_nobody()
    {
        var recorder = new Recorder();
        var bus = new ListenerBus([new Failing(), recorder], 100, NullLogger.Instance);

        for (var i = 0; i < 50; i++) bus.Post(new SparkListenerJobEnd(i, Succeeded: true));
        await bus.DisposeAsync();

        Assert.That(recorder.Seen, Is.EqualTo(Enumerable.Range(0, 50).Select(i => new SparkListenerJobEnd(i, Succeeded: true))));
    }

    [Test]
    public async Task Posting_never_waits_for_a_slow_listener()
    {
        using var slow = new Slow();
        var bus = new ListenerBus([slow], 3, NullLogger.Instance);

        for (var i = 0; i < 100; i++) bus.Post(new SparkListenerJobEnd(i, Succeeded: true));
        slow.Gate.Set();
        await bus.DisposeAsync();

        Assert.That(slow.Count, Is.InRange(3, 99));
    }

    private sealed class Recorder : ISparkListener
    {
        public List<SparkListenerEvent> Seen { get; } = [];

        public void OnEvent(SparkListenerEvent happened) => Seen.Add(happened);
    }

    private sealed class Failing : ISparkListener
    {
        public void OnEvent(SparkListenerEvent happened) => throw new InvalidOperationException("a bad listener");
    }

    private sealed class Slow : ISparkListener, IDisposable
    {
        public ManualResetEventSlim Gate { get; } = new();

        public int Count { get; private set; }

        public void OnEvent(SparkListenerEvent happened)
        {
            Gate.Wait();
            Count++;
        }

        public void Dispose() => Gate.Dispose();
    }
}
