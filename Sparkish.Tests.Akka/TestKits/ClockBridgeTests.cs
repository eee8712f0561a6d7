using Akka.Actor;
using Akka.TestKit;
using Sparkish.Rpc;
using Sparkish.TestKit;
using Sparkish.TestKit.Akka.NUnit;

namespace Sparkish.Tests.Akka.TestKits;

/// <summary>A clock of endpoints and a scheduler of actors are one time.</summary>
internal sealed class ClockBridgeTests() : AkkaTestKit(RemotingWithTestScheduler)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly List<string> _events = [];

    [SetUp]
    public void Forget() => _events.Clear();

    [Test]
    public void Timers_of_both_fire_in_the_order_of_their_times_when_the_clock_advances()
    {
        var clock = new ManualClock();
        using var bridge = new ClockBridge(clock, Sys);
        using var first = clock.CreateTimer(_ => _events.Add("clock 1"), null, Second, Timeout.InfiniteTimeSpan);
        using var third = clock.CreateTimer(_ => _events.Add("clock 3"), null, 3 * Second, Timeout.InfiniteTimeSpan);
        Sys.Scheduler.Advanced.ScheduleOnce(2 * Second, () => _events.Add("actor 2"));
        Sys.Scheduler.Advanced.ScheduleOnce(5 * Second, () => _events.Add("actor 5"));

        clock.Advance(4 * Second);
        clock.Advance(Second);

        Assert.That(_events, Is.EqualTo(new[] { "clock 1", "actor 2", "clock 3", "actor 5" }));
    }

    [Test]
    public void The_clock_advances_with_the_scheduler()
    {
        var clock = new ManualClock();
        using var bridge = new ClockBridge(clock, Sys);
        using var timer = clock.CreateTimer(_ => _events.Add("clock"), null, Second, Second);
        Sys.Scheduler.Advanced.ScheduleOnce(3 * Second, () => _events.Add("actor"));
        var scheduler = (TestScheduler)Sys.Scheduler;

        scheduler.Advance(2 * Second);
        scheduler.Advance(Second);
        clock.Advance(Second);
        scheduler.Advance(Second);

        Assert.That(_events, Is.EqualTo(new[] { "clock", "clock", "clock", "actor", "clock", "clock" }));
        Assert.That(clock.GetUtcNow(), Is.EqualTo(DateTimeOffset.UnixEpoch + 5 * Second));
    }

    [Test]
    public void What_an_actor_s_timer_arms_on_the_clock_fires_in_the_same_advance()
    {
        var clock = new ManualClock();
        using var bridge = new ClockBridge(clock, Sys);
        ITimer? armed = null;
        Sys.Scheduler.Advanced.ScheduleOnce(Second, () => armed = clock.CreateTimer(_ => _events.Add("armed"), null, TimeSpan.Zero, Timeout.InfiniteTimeSpan));

        clock.Advance(Second);
        armed?.Dispose();

        Assert.That(_events, Is.EqualTo(new[] { "armed" }));
    }

    [Test]
    public void Parted_clocks_advance_alone()
    {
        var clock = new ManualClock();
        var before = ((TestScheduler)Sys.Scheduler).Now;
        new ClockBridge(clock, Sys).Dispose();

        clock.Advance(Second);
        ((TestScheduler)Sys.Scheduler).Advance(2 * Second);

        Assert.That((clock.GetUtcNow(), ((TestScheduler)Sys.Scheduler).Now), Is.EqualTo((DateTimeOffset.UnixEpoch + Second, before + 2 * Second)));
    }

    [Test]
    public async Task A_timeout_of_an_ask_and_a_message_scheduled_for_an_actor_come_with_one_advance()
    {
        var clock = new ManualClock();
        using var bridge = new ClockBridge(clock, Sys);
        var env = StartEnv(time: clock);
        var probe = CreateTestProbe();
        Sys.Scheduler.ScheduleTellOnce(5 * Second, probe.Ref, "actor's", ActorRefs.NoSender);
        var ask = env.SetupEndpoint("silent", new Silent()).AskAsync<string>("?", 5 * Second);

        clock.Advance(5 * Second);

        await probe.ExpectMsgAsync("actor's");
        Assert.That(async () => await ask, Throws.InstanceOf<RpcTimeoutException>());
    }

    [Test]
    public async Task Another_scheduler_is_refused()
    {
        using var system = ActorSystem.Create("real", AkkaEnvs.Remoting);

        Assert.That(() => new ClockBridge(new ManualClock(), system), Throws.ArgumentException.With.Message.Contains("akka.scheduler.implementation"));
        await system.Terminate();
    }

    private sealed class Silent : RpcEndpoint
    {
        public override void ReceiveAndReply(object message, RpcCallContext call)
        {
            // No answer, ever.
        }
    }
}
