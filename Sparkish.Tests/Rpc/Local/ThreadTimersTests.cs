using System.Diagnostics;
using Sparkish.Rpc;
using Sparkish.Rpc.Local;
using Sparkish.Rpc.Transport;

namespace Sparkish.Tests.Rpc.Local;

internal sealed class ThreadTimersTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Test]
    public void Timers_fire_in_the_order_of_their_times_and_not_before()
    {
        var timers = new ThreadTimers(() => { });
        var fired = new List<(string Name, TimeSpan At)>();
        var watch = Stopwatch.StartNew();
        using var late = timers.CreateTimer(_ => fired.Add(("late", watch.Elapsed)), null, TimeSpan.FromMilliseconds(40), Timeout.InfiniteTimeSpan);
        using var early = timers.CreateTimer(_ => fired.Add(("early", watch.Elapsed)), null, TimeSpan.FromMilliseconds(20), Timeout.InfiniteTimeSpan);

        FireUntil(timers, () => fired.Count == 2);

        Assert.That(fired.Select(one => one.Name), Is.EqualTo(new[] { "early", "late" }));
        Assert.That(fired[0].At, Is.GreaterThanOrEqualTo(TimeSpan.FromMilliseconds(19)));
        Assert.That(fired[1].At, Is.GreaterThanOrEqualTo(TimeSpan.FromMilliseconds(39)));
        Assert.That(timers.Fire(), Is.EqualTo(Timeout.Infinite));
    }

    [Test]
    public void A_timer_with_a_period_fires_until_it_is_disposed()
    {
        var timers = new ThreadTimers(() => { });
        var fired = 0;
        var timer = timers.CreateTimer(_ => fired++, null, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        FireUntil(timers, () => fired >= 3);

        timer.Dispose();

        Assert.That(timers.Fire(), Is.EqualTo(Timeout.Infinite));
        Assert.That(timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan), Is.False);
    }

    [Test]
    public void A_timer_can_be_set_anew_and_taken_away()
    {
        var timers = new ThreadTimers(() => { });
        var fired = 0;
        using var timer = timers.CreateTimer(_ => fired++, null, TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan);

        timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var none = timers.Fire();
        timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        FireUntil(timers, () => fired == 1);

        Assert.That(none, Is.EqualTo(Timeout.Infinite));
        Assert.That(timers.Fire(), Is.EqualTo(Timeout.Infinite));
    }

    [Test]
    public void The_thread_is_woken_for_a_timer_that_comes_before_all_others()
    {
        var woken = 0;
        var timers = new ThreadTimers(() => woken++);

        using var first = timers.CreateTimer(_ => { }, null, TimeSpan.FromHours(2), Timeout.InfiniteTimeSpan);
        using var earlier = timers.CreateTimer(_ => { }, null, TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan);
        using var later = timers.CreateTimer(_ => { }, null, TimeSpan.FromHours(3), Timeout.InfiniteTimeSpan);

        Assert.That(woken, Is.EqualTo(2));
    }

    [Test]
    public async Task An_isolated_endpoint_gets_what_was_scheduled_for_it_on_its_thread()
    {
        await using var env = new NetworkRpcEnvFactory().Create(new RpcEnvOptions("isolated") { Listen = false });
        var endpoint = new Ticking();
        var self = env.SetupEndpoint("ticking", endpoint);

        using var repeated = env.ScheduleRepeatedly(TimeSpan.Zero, TimeSpan.FromMilliseconds(1), self, "tick");
        env.ScheduleOnce(TimeSpan.FromMilliseconds(5), self, "once");
        await endpoint.Done.Task.WaitAsync(Patience);

        Assert.That(endpoint.Threads, Is.EqualTo(new[] { "dispatcher-ticking" }));
    }

    [Test]
    public async Task Timers_set_from_many_threads_all_fire([Range(1, 3)] int round)
    {
        const int Count = 2000;
        await using var env = new NetworkRpcEnvFactory().Create(new RpcEnvOptions($"isolated-{round}") { Listen = false });
        var counter = new Counting(Count);
        var self = env.SetupEndpoint("counting", counter);

        Parallel.For(0, Count, number => env.ScheduleOnce(TimeSpan.FromMilliseconds(number % 7), self, number));

        await counter.Done.Task.WaitAsync(Patience);
    }

    private static void FireUntil(ThreadTimers timers, Func<bool> done)
    {
        for (var watch = Stopwatch.StartNew(); !done();)
        {
            timers.Fire();
            Assert.That(watch.Elapsed, Is.LessThan(Patience));
        }
    }

    private sealed class Ticking : IsolatedRpcEndpoint
    {
        private int _ticks;
        private bool _once;

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HashSet<string?> Threads { get; } = [];

        public override void Receive(object message)
        {
            Threads.Add(Thread.CurrentThread.Name);
            if (message is "once") _once = true;
            else _ticks++;
            if (_once && _ticks >= 3) Done.TrySetResult();
        }
    }

    private sealed class Counting(int count) : IsolatedRpcEndpoint
    {
        private readonly HashSet<int> _seen = [];

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Receive(object message)
        {
            if (_seen.Add((int)message) && _seen.Count == count) Done.TrySetResult();
        }
    }
}
