using Sparkish.Rpc;

namespace Sparkish.TestKit.NUnit.Conformance;

/// <content>Supervision of failing handlers.</content>
public abstract partial class RpcEnvConformance
{
    [Test]
    public Task Resume_goes_on_with_the_same_instance() => CheckAsync(async () =>
    {
        var (env, log, self) = NewSupervised(ErrorDirective.Resume);

        self.Send("fail");
        self.Send("next");
        env.Stop(self);

        await ExpectAsync(log, "1 start", "1 error", "1 next", "1 stop");
    });

    [Test]
    public Task Restart_goes_on_with_a_fresh_instance_under_the_same_ref_and_keeps_the_inbox() => CheckAsync(async () =>
    {
        var (env, log, self) = NewSupervised(ErrorDirective.Restart);

        self.Send("fail");
        self.Send("next");
        await ExpectAsync(log, "1 start", "1 error", "1 stop", "2 start", "2 next");
        self.Send("later");
        env.Stop(self);

        await ExpectAsync(log, "2 later", "2 stop");
    });

    [Test]
    public Task A_failed_OnStart_of_a_fresh_instance_restarts_again() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var log = new EventLog<object>(env, "Supervised");
        var instances = 0;
        var self = env.SetupEndpoint("e", () => NewInstance(log, ++instances, ErrorDirective.Restart, failsAtStart: instances == 2));

        self.Send("fail");
        self.Send("next");

        await ExpectAsync(log, "1 start", "1 error", "1 stop", "2 start", "2 error", "2 stop", "3 start", "3 next");
    });

    [Test]
    public Task Stop_ends_the_endpoint_after_the_messages_in_its_inbox() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var log = new EventLog<object>(env, "Supervised");
        var witness = NewInstance(log, 1, ErrorDirective.Stop, onStart: me =>
        {
            me.Self.Send("fail");
            me.Self.Send("next");
        });
        var self = env.SetupEndpoint("e", witness);

        await ExpectAsync(log, "1 start", "1 error", "1 next", "1 stop");
        await FailureOfAsync<EndpointNotFoundException>(self.AskAsync<int>("?").AsTask());
    });

    [Test]
    public Task Escalate_stops_the_env_and_fails_its_termination() => CheckAsync(async () =>
    {
        var (env, log, self) = NewSupervised(ErrorDirective.Escalate);

        self.Send("fail");

        var error = await FailureOfAsync<InvalidOperationException>(env.Termination);
        Assert.That(error.Message, Is.EqualTo("told to"));
        await ExpectAsync(log, "1 start", "1 error", "1 stop");
    });

    [Test]
    public Task More_restarts_than_the_limit_stop_the_endpoint() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var log = new EventLog<object>(env, "Supervised");
        var instances = 0;
        var self = env.SetupEndpoint("e", () => NewInstance(log, ++instances, ErrorDirective.Restart), new RestartLimit(1, TimeSpan.FromMinutes(1)));

        self.Send("fail");
        self.Send("fail");

        await ExpectAsync(log, "1 start", "1 error", "1 stop", "2 start", "2 error", "2 stop");
    });

    [Test]
    public Task An_endpoint_without_a_factory_is_stopped_instead_of_restarted() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var log = new EventLog<object>(env, "Supervised");
        var self = env.SetupEndpoint("e", NewInstance(log, 1, ErrorDirective.Restart));

        self.Send("fail");

        await ExpectAsync(log, "1 start", "1 error", "1 stop");
        await FailureOfAsync<EndpointNotFoundException>(self.AskAsync<int>("?").AsTask());
    });

    [Test]
    public Task A_factory_that_fails_is_tried_again_within_the_limit() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var log = new EventLog<object>(env, "Supervised");
        var made = 0;
        var self = env.SetupEndpoint(
            "e", () => ++made == 2 ? throw new InvalidOperationException("no instance") : NewInstance(log, made, ErrorDirective.Restart));

        self.Send("fail");
        self.Send("next");

        await ExpectAsync(log, "1 start", "1 error", "1 stop", "3 start", "3 next");
    });

    [Test]
    public Task A_factory_that_always_fails_stops_the_endpoint() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var log = new EventLog<object>(env, "Supervised");
        var made = 0;
        var self = env.SetupEndpoint("e", () => ++made == 1
            ? NewInstance(log, 1, ErrorDirective.Restart)
            : throw new InvalidOperationException("no instance"), new RestartLimit(3, TimeSpan.FromMinutes(1)));
        var probe = TestProbe.On(env);
        probe.Watch(self);
        await SettleAsync(probe, self);

        self.Send("fail");

        Assert.That((await probe.ExpectTerminatedAsync(self)).Cause, Is.EqualTo(TerminationCause.Stopped));
        Assert.That(made, Is.EqualTo(4));
    });

    [Test]
    public Task An_OnError_that_fails_lets_the_endpoint_go_on() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var witness = Register(env, "e", () => new Witness(env)
        {
            Received = (_, message) =>
            {
                if (message is "fail") throw new InvalidOperationException("told to");
            },
            Failing = _ => throw new InvalidOperationException("and again"),
        });

        witness.Self.Send("fail");
        witness.Self.Send("next");

        await ExpectEventsAsync(witness, "start", "error told to", "next");
    });

    [Test]
    public Task A_restart_cancels_the_timers_of_the_old_instance() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var log = new EventLog<object>(env, "Supervised");
        var instances = 0;
        env.SetupEndpoint("e", () => NewInstance(log, ++instances, ErrorDirective.Restart, onStart: me =>
        {
            var name = instances == 1 ? "old" : "fresh";
            env.ScheduleOnce(instances == 1 ? Short : Short * 2, me.Self, name);
            if (instances == 1) me.Self.Send("fail");
        }));

        await ExpectAsync(log, "1 start", "1 error", "1 stop", "2 start", "2 fresh");
    });

    [Test]
    public Task A_restart_forgets_what_the_old_instance_watched() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var log = new EventLog<object>(env, "Supervised");
        var (early, later) = (Register(env, "early").Self, Register(env, "later").Self);
        var nobody = env.RefTo(new RpcEndpointAddress(env.Address, "nobody"));
        var instances = 0;
        var self = env.SetupEndpoint("e", () => NewInstance(log, ++instances, ErrorDirective.Restart, onStart: me =>
        {
            me.Watch(instances == 1 ? early : later);
            me.Watch(nobody); // its end shows that the earlier watch is registered
        }));

        await ExpectAsync(log, "1 start", $"1 {new EndpointTerminated(nobody, TerminationCause.NotFound)}");
        self.Send("fail");
        await ExpectAsync(log, "1 error", "1 stop", "2 start", $"2 {new EndpointTerminated(nobody, TerminationCause.NotFound)}");
        env.Stop(early);
        env.Stop(later);

        await ExpectAsync(log, $"2 {new EndpointTerminated(later, TerminationCause.Stopped)}");
    });

    private (RpcEnv Env, EventLog<object> Log, RpcEndpointRef Self) NewSupervised(ErrorDirective directive)
    {
        var env = NewEnv();
        var log = new EventLog<object>(env, "Supervised");
        var instances = 0;
        return (env, log, env.SetupEndpoint("e", () => NewInstance(log, ++instances, directive)));
    }

    private static Supervised NewInstance(
        EventLog<object> log, int number, ErrorDirective directive, bool failsAtStart = false, Action<Supervised>? onStart = null) =>
        new(log, number, directive, failsAtStart, onStart);

    private static async Task ExpectAsync(EventLog<object> log, params string[] expected)
    {
        var seen = new List<object>();
        while (seen.Count < expected.Length) seen.Add(await log.NextAsync($"'{expected[seen.Count]}'"));
        Assert.That(seen, Is.EqualTo(expected));
    }

    private sealed class Supervised(EventLog<object> log, int number, ErrorDirective directive, bool failsAtStart, Action<Supervised>? onStart) : RpcEndpoint
    {
        public new RpcEndpointRef Self => base.Self;

        public new void Watch(RpcEndpointRef endpoint) => base.Watch(endpoint);

        public override void OnStart()
        {
            log.Add($"{number} start");
            if (failsAtStart) throw new InvalidOperationException("no start");
            onStart?.Invoke(this);
        }

        public override void Receive(object message)
        {
            if (message is "fail") throw new InvalidOperationException("told to");
            log.Add($"{number} {message}");
        }

        public override ErrorDirective OnError(Exception error)
        {
            log.Add($"{number} error");
            return directive;
        }

        public override void OnStop() => log.Add($"{number} stop");
    }
}
