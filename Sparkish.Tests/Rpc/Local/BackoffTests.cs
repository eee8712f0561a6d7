using System.Collections.Concurrent;
using Sparkish.Rpc;
using Sparkish.Simulation;
using Sparkish.TestKit;

namespace Sparkish.Tests.Rpc.Local;

/// <summary>Restarts with a pause.</summary>
internal sealed class BackoffTests
{
    private static readonly RestartLimit Limit = new(10, TimeSpan.FromHours(1))
    {
        MinBackoff = TimeSpan.FromSeconds(1),
        MaxBackoff = TimeSpan.FromSeconds(4),
        Jitter = 0,
    };

    [Test]
    public async Task Messages_wait_while_a_restart_pauses_and_each_pause_is_twice_as_long_up_to_the_longest()
    {
        var clock = new ManualClock();
        await using var env = Envs.New(Envs.Options() with { Time = clock });
        var events = new BlockingCollection<string>();
        var instances = 0;
        var fragile = env.SetupEndpoint("e", () => new Fragile(++instances, events), Limit);
        Assert.That(events.Take(), Is.EqualTo("1 start"));

        foreach (var (number, seconds) in new[] { (2, 1), (3, 2), (4, 4), (5, 4) })
        {
            var pause = TimeSpan.FromSeconds(seconds);
            var armed = clock.WhenTimerArmedAsync(after => after == pause);
            fragile.Send("fail");
            fragile.Send("waits");
            Assert.That(events.Take(), Is.EqualTo($"{number - 1} stop"));
            await armed.WaitAsync(Envs.Patience);
            clock.Advance(pause - TimeSpan.FromTicks(1));
            Assert.That(events, Is.Empty);
            clock.Advance(TimeSpan.FromTicks(1));
            Assert.That((events.Take(), events.Take()), Is.EqualTo(($"{number} start", $"{number} waits")));
        }
    }

    [Test]
    public async Task A_stop_ends_the_pause_and_what_waits_is_handled()
    {
        var clock = new ManualClock();
        await using var env = Envs.New(Envs.Options() with { Time = clock });
        var events = new BlockingCollection<string>();
        var instances = 0;
        var fragile = env.SetupEndpoint("e", () => new Fragile(++instances, events), Limit);
        var armed = clock.WhenTimerArmedAsync(after => after == Limit.MinBackoff);
        fragile.Send("fail");
        fragile.Send("waits");
        await armed.WaitAsync(Envs.Patience);

        var inTime = await env.StopAsync(fragile).WaitAsync(Envs.Patience);

        Assert.That(inTime);
        Assert.That(events, Is.EqualTo(new[] { "1 start", "1 stop", "2 start", "2 waits", "2 stop" }));
    }

    [Test]
    public void In_simulation_the_pause_is_virtual_time()
    {
        var cluster = new SimulatedCluster(1);
        var node = cluster.AddNode("node");

        cluster.Run(async () =>
        {
            var events = new BlockingCollection<string>();
            var instances = 0;
            var fragile = node.Env.SetupEndpoint("e", () => new Fragile(++instances, events),
                Limit with { MinBackoff = TimeSpan.FromMinutes(1), MaxBackoff = TimeSpan.FromHours(1), Jitter = 0.5 });
            var before = node.Env.Time.GetUtcNow();

            fragile.Send("fail");
            var number = await fragile.AskAsync<int>("number", TimeSpan.FromHours(1));

            Assert.That(number, Is.EqualTo(2));
            Assert.That(node.Env.Time.GetUtcNow() - before, Is.InRange(TimeSpan.FromSeconds(59), TimeSpan.FromSeconds(92)));
        });
    }

    [Test]
    public void A_pause_that_is_negative_or_a_jitter_out_of_bounds_is_refused()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => Limit with { MinBackoff = TimeSpan.FromSeconds(-1) }, Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => Limit with { MaxBackoff = TimeSpan.FromSeconds(-1) }, Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => Limit with { Jitter = 1.1 }, Throws.InstanceOf<ArgumentOutOfRangeException>());
        }
    }

    private sealed class Fragile(int number, BlockingCollection<string> events) : RpcEndpoint
    {
        public override void OnStart() => events.Add($"{number} start");

        public override void Receive(object message)
        {
            if (message is "fail") throw new InvalidOperationException("luck");
            events.Add($"{number} {message}");
        }

        public override void ReceiveAndReply(object message, RpcCallContext call) => call.Reply(number);

        public override ErrorDirective OnError(Exception error) => ErrorDirective.Restart;

        public override void OnStop() => events.Add($"{number} stop");
    }
}
