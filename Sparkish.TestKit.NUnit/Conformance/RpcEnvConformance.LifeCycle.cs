namespace Sparkish.TestKit.NUnit.Conformance;

/// <content>The life of an endpoint.</content>
public abstract partial class RpcEnvConformance
{
    [Test]
    public Task OnStart_comes_first_and_OnStop_last_and_what_was_sent_before_the_stop_between() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var witness = Register(env, "e");

        for (var i = 0; i < 100; i++) witness.Self.Send(i);
        env.Stop(witness.Self);
        witness.Self.Send("too late");

        await ExpectEventsAsync(witness, [.. Enumerable.Range(0, 100).Cast<object>().Prepend("start").Append("stop")]);
    });

    [Test]
    public Task OnStop_runs_although_OnStart_failed_and_messages_are_handled_between() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var witness = Register(env, "e", () => new Witness(env) { Starting = _ => throw new InvalidOperationException("no start") });

        witness.Self.Send(1);
        env.Stop(witness.Self);

        await ExpectEventsAsync(witness, "start", "error no start", 1, "stop");
    });

    [Test]
    public Task Self_and_Env_are_valid_from_OnStart_through_OnStop() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var seen = new EventLog<object>(env, "Refs");
        var witness = Register(env, "e", () => new Witness(env)
        {
            Starting = w => seen.Add((w.Self, w.Env)),
            Stopping = w => seen.Add((w.Self, w.Env)),
        });

        var self = witness.Self;
        env.Stop(self);

        Assert.That((await seen.NextAsync(), await seen.NextAsync()), Is.EqualTo(((object)(self, env), (object)(self, env))));
    });

    [Test]
    public Task An_endpoint_may_stop_itself() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var witness = Register(env, "e", () => new Witness(env) { Received = (me, _) => me.Stop() });

        witness.Self.Send("end");

        await ExpectEventsAsync(witness, "start", "end", "stop");
    });

    [Test]
    public Task A_name_is_taken_once_and_free_again_after_the_stop() => CheckAsync(() =>
    {
        var env = NewEnv();
        var first = Register(env, "e");

        Assert.That(() => env.SetupEndpoint("e", new Witness(env)), Throws.ArgumentException.With.Message.Contains("'e'"));
        env.Stop(first.Self);
        Assert.That(env.SetupEndpoint("e", new Witness(env)).Name, Is.EqualTo("e"));
        return Task.CompletedTask;
    });

    [Test]
    public Task An_instance_is_registered_only_once() => CheckAsync(() =>
    {
        var env = NewEnv();
        var witness = Register(env, "a");

        Assert.That(() => env.SetupEndpoint("b", witness), Throws.InvalidOperationException);
        Assert.That(() => env.SetupEndpoint("b", new Witness(env)), Throws.Nothing);
        return Task.CompletedTask;
    });

    [Test]
    public Task Stopping_twice_is_harmless_and_runs_OnStop_once() => CheckAsync(async () =>
    {
        var env = NewEnv();
        var witness = Register(env, "e");

        env.Stop(witness.Self);
        env.Stop(witness.Self);
        await env.DisposeAsync();

        await ExpectEventsAsync(witness, "start", "stop");
        Assert.That(witness.Events.Count, Is.Zero);
    });

    [Test]
    public Task An_endpoint_is_stopped_only_by_its_own_env() => CheckAsync(() =>
    {
        var there = Register(NewEnv("there"), "e");
        var here = NewEnv("here");

        Assert.That(() => here.Stop(there.Self), Throws.ArgumentException);
        return Task.CompletedTask;
    });
}
