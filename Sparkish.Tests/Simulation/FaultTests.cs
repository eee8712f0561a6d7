using Sparkish.Rpc;
using Sparkish.Rpc.Bulk;
using Sparkish.Simulation;
using Sparkish.TestKit;

namespace Sparkish.Tests.Simulation;

internal sealed class FaultTests
{
    private SimulatedCluster _cluster = null!;
    private SimulatedNode _a = null!;
    private SimulatedNode _b = null!;

    [SetUp]
    public void TwoNodes()
    {
        _cluster = new SimulatedCluster(3);
        _a = _cluster.AddNode("a", (RpcEnv _) => { });
        _b = _cluster.AddNode("b", (RpcEnv _) => { });
    }

    [Test]
    public void What_is_under_way_when_a_link_is_cut_arrives_in_order_after_it_is_healed() => _cluster.Run(async () =>
    {
        var probe = await ConnectedProbeAsync();
        _cluster.Cut(_a, _b);
        for (var i = 0; i < 10; i++) probe.Send(i);
        await OnB.ExpectNoneAsync(TimeSpan.FromSeconds(5));

        _cluster.Heal(_a, _b);

        Assert.That(await OnB.ReceiveNAsync<int>(10), Is.EqualTo(Enumerable.Range(0, 10)));
    });

    [Test]
    public void A_one_way_cut_lets_the_other_way_through_until_a_side_gives_up() => _cluster.Run(async () =>
    {
        var there = await ConnectedProbeAsync();
        var onA = TestProbe.On(_a.Env);
        _cluster.CutOneWay(_a, _b);

        there.Send("lost");
        _b.Env.RefTo(onA.Self).Send("through");

        await onA.ExpectAsync<string>(m => m == "through");
        onA.Watch(there);
        Assert.That((await onA.ExpectTerminatedAsync(there, TimeSpan.FromMinutes(2))).Cause, Is.EqualTo(TerminationCause.NodeGone));
    });

    [Test]
    public void A_lost_machine_is_noticed_by_its_silence_and_a_killed_process_at_once() => _cluster.Run(async () =>
    {
        var there = await ConnectedProbeAsync();
        var start = _cluster.Now;
        var killed = there.AskAsync<int>("?", TimeSpan.FromHours(1)).AsTask();
        await OnB.ExpectAskAsync<string>();
        _b.Crash();
        await FailAsync<RpcConnectionException>(killed);
        Assert.That(_cluster.Now - start, Is.LessThan(TimeSpan.FromSeconds(2)));

        _b.Start();
        await Task.Delay(TimeSpan.FromSeconds(1), _a.Env.Time);
        there = await ConnectedProbeAsync();
        start = _cluster.Now;
        var lost = there.AskAsync<int>("?", TimeSpan.FromHours(1)).AsTask();
        await OnB.ExpectAskAsync<string>();
        _b.LoseMachine();
        var error = await FailAsync<RpcConnectionException>(lost);

        Assert.That(error.Message, Does.Contain("spark.rpc.io.keepAliveTimeout"));
        Assert.That(_cluster.Now - start, Is.GreaterThan(TimeSpan.FromSeconds(25)));
    });

    [Test]
    public void A_killed_process_refuses_connections_and_a_lost_machine_lets_them_time_out() => _cluster.Run(async () =>
    {
        var address = new RpcEndpointAddress(_b.Env.Address, "e");
        _b.Crash();
        var refused = await FailAsync<RpcConnectionException>(_a.Env.SetupEndpointRefAsync(address));
        _b.LoseMachine();
        var silent = await FailAsync<RpcConnectionException>(_a.Env.SetupEndpointRefAsync(address));

        Assert.That(refused.Message, Does.Contain("connection refused").IgnoreCase);
        Assert.That(silent.Message, Does.Contain("spark.rpc.io.connectionTimeout"));
    });

    [Test]
    public void A_restarted_node_has_its_address_its_disk_and_another_incarnation() => _cluster.Run(async () =>
    {
        var (address, incarnation) = (_b.Env.Address, _b.Env.Incarnation);
        var old = await ConnectedProbeAsync();
        _b.Disk.Append("f", [1, 2, 3]);
        _b.Crash();
        _b.Start();

        Assert.That((_b.Env.Address, _b.Starts), Is.EqualTo((address, 2)));
        Assert.That(_b.Env.Incarnation, Is.Not.EqualTo(incarnation));
        Assert.That(_b.Disk.Read("f"), Is.EqualTo(new byte[] { 1, 2, 3 }));
        await Task.Delay(TimeSpan.FromSeconds(1), _a.Env.Time); // the end of the old connection arrives
        await ConnectedProbeAsync();
        await FailAsync<EndpointNotFoundException>(old.AskAsync<int>("?").AsTask());
    });

    [Test]
    public void A_paused_process_answers_after_it_goes_on() => _cluster.Run(async () =>
    {
        var there = await ConnectedProbeAsync();
        OnB.SetAutoPilot((message, call) =>
        {
            call?.Reply(message);
            return true;
        });
        _b.Pause();
        _cluster.Schedule(TimeSpan.FromSeconds(10), _b.Resume);

        Assert.That(await there.AskAsync<string>("?"), Is.EqualTo("?"));
        Assert.That(_cluster.Now, Is.GreaterThan(TimeSpan.FromSeconds(10)));
    });

    [Test]
    public void A_slow_node_takes_its_time_for_each_message() => _cluster.Run(async () =>
    {
        var there = await ConnectedProbeAsync();
        _b.MessageCost = TimeSpan.FromMilliseconds(100);
        var start = _cluster.Now;

        for (var i = 0; i < 10; i++) there.Send(i);
        await OnB.ReceiveNAsync<int>(10);

        Assert.That(_cluster.Now - start, Is.GreaterThan(TimeSpan.FromMilliseconds(900)));
    });

    [Test]
    public void A_reset_ends_the_connection_on_both_sides_and_the_next_message_makes_a_new_one() => _cluster.Run(async () =>
    {
        var there = await ConnectedProbeAsync();
        var ask = there.AskAsync<int>("?").AsTask();
        await OnB.ExpectAskAsync<string>();
        _cluster.ResetConnections(_a, _b);
        await FailAsync<RpcConnectionException>(ask);

        there.Send("again");

        await OnB.ExpectAsync<string>(m => m == "again");
    });

    [Test]
    public void A_skewed_clock_shows_another_time_and_runs_at_another_speed() => _cluster.Run(async () =>
    {
        _b.ClockOffset = TimeSpan.FromHours(1);
        _a.ClockDriftPpm = 100_000;
        var start = _cluster.Now;

        await Task.Delay(TimeSpan.FromSeconds(11), _a.Env.Time);

        Assert.That(_b.Env.Time.GetUtcNow() - _cluster.Options.Start, Is.EqualTo(TimeSpan.FromHours(1) + _cluster.Now));
        Assert.That(_cluster.Now - start, Is.EqualTo(TimeSpan.FromSeconds(10)).Within(TimeSpan.FromMilliseconds(10)));
    });

    [Test]
    public void A_stream_is_read_from_a_peer_that_can_be_reached() => _cluster.Run(() =>
    {
        _b.Env.Bulk.Register("files", new OneFile([1, 2, 3]));
        using (var stream = _a.Env.OpenBulk(_b.Env.Address, "files/x"))
        {
            Assert.That((stream.Length, stream.ReadByte(), stream.ReadByte(), stream.ReadByte(), stream.ReadByte()), Is.EqualTo((3L, 1, 2, 3, -1)));
        }

        Assert.That(() => _a.Env.OpenBulk(_b.Env.Address, "other/x"), Throws.InstanceOf<BulkNotFoundException>());
        _cluster.CutOneWay(_b, _a);
        Assert.That(() => _a.Env.OpenBulk(_b.Env.Address, "files/x"), Throws.InstanceOf<RpcConnectionException>());
        return Task.CompletedTask;
    });

    [Test]
    public void A_call_from_another_thread_is_refused_with_the_reason() => _cluster.Run(() =>
    {
        var probe = TestProbe.On(_a.Env);
        Exception? seen = null;
        var thread = new Thread(() => seen = Assert.Catch(() => probe.Self.Send(1)));
        thread.Start();
        thread.Join();

        Assert.That(seen, Is.InstanceOf<InvalidOperationException>().With.Message.Contains("env.NewCompletion"));
        return Task.CompletedTask;
    });

    [Test]
    public void A_broken_invariant_ends_the_run_with_the_seed_and_the_last_lines()
    {
        _cluster.AddInvariant(() => _cluster.Check(_cluster.Now < TimeSpan.FromSeconds(3), "It is late."));
        _cluster.Schedule(TimeSpan.FromSeconds(5), () => _cluster.Note("five"));

        var error = Assert.Throws<SimulationException>(() => _cluster.RunFor(TimeSpan.FromSeconds(10)));

        Assert.That((error!.Seed, error.InnerException!.Message), Is.EqualTo((3L, "It is late.")));
        Assert.That(error.Message, Does.StartWith("Seed 3 failed after 00:00:05").And.Contain("five"));
    }

    [Test]
    public void A_run_that_nothing_can_end_says_so()
    {
        var cluster = new SimulatedCluster(1);

        var error = Assert.Throws<SimulationException>(() => cluster.Run(() => new TaskCompletionSource().Task));

        Assert.That(error!.Message, Does.Contain("Nothing is left to happen"));
    }

    private TestProbe OnB { get; set; } = null!;

    private async Task<RpcEndpointRef> ConnectedProbeAsync()
    {
        OnB = TestProbe.On(_b.Env);
        return await _a.Env.SetupEndpointRefAsync(new RpcEndpointAddress(_b.Env.Address, OnB.Self.Name));
    }

    private static async Task<T> FailAsync<T>(Task task) where T : Exception
    {
        try
        {
            await task;
        }
        catch (T error)
        {
            return error;
        }

        throw new AssertionException($"Expected a {typeof(T).Name}, but nothing failed.");
    }

    private sealed class OneFile(byte[] bytes) : IBulkSource
    {
        public BulkContent Open(string path) => new BulkContent().Add(bytes);
    }
}
