using System.Collections.Concurrent;
using Sparkish.Rpc;
using Sparkish.TestKit;

namespace Sparkish.Tests.Rpc.Local;

/// <summary>What was made for an instance does not reach the one that a restart puts in its place.</summary>
internal sealed class SuccessorTests
{
    [Test]
    public async Task Events_of_an_instance_that_wait_in_the_inbox_do_not_reach_its_successor()
    {
        var clock = new ManualClock();
        await using var env = Envs.New(Envs.Options() with { Time = clock });
        await using var peer = Envs.New("peer");
        var watched = TestProbe.On(env);
        var doctor = TestProbe.On(env);
        using var inside = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        var events = new BlockingCollection<string>();
        var instances = 0;
        var patient = env.SetupEndpoint("e", () => new Instance(++instances, watched.Self, events, inside, release));
        var task = new TaskCompletionSource();
        patient.Send(task.Task);
        patient.Send("block");
        inside.Wait(Envs.Patience);

        doctor.Watch(watched.Self); // told after the one that watched before
        watched.Stop();
        await doctor.ExpectTerminatedAsync(watched.Self);
        clock.Advance(TimeSpan.FromSeconds(1));
        await env.SetupEndpointRefAsync(new RpcEndpointAddress(peer.Address, "endpoint-verifier"));
        task.SetException(new InvalidOperationException("task"));
        patient.Send("last");
        release.Set();

        string[] seen = [events.Take(), events.Take(), events.Take(), events.Take(), events.Take()];
        Assert.That(seen, Is.EqualTo(new[] { "1 start", "1 error blocked", "1 stop", "2 start", "2 last" }));
    }

    [Test]
    public async Task A_message_that_a_task_of_an_earlier_instance_makes_reaches_its_successor()
    {
        await using var env = Envs.New();
        using var inside = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim(true);
        var events = new BlockingCollection<string>();
        var instances = 0;
        var piping = env.SetupEndpoint("e", () => new Instance(++instances, null, events, inside, release));
        var task = new TaskCompletionSource<string>();
        piping.Send(task);
        piping.Send("block");

        string[] restarted = [events.Take(), events.Take(), events.Take(), events.Take()];
        task.SetResult("result");

        Assert.That(restarted[^1], Is.EqualTo("2 start"));
        Assert.That(events.Take(), Is.EqualTo("2 result"));
    }

    private sealed class Instance(
        int number, RpcEndpointRef? watched, BlockingCollection<string> events, ManualResetEventSlim inside, ManualResetEventSlim release) : RpcEndpoint
    {
        public override void OnStart()
        {
            events.Add($"{number} start");
            if (number > 1 || watched is null) return;
            Watch(watched);
            Env.ScheduleOnce(TimeSpan.FromSeconds(1), Self, "tick");
        }

        public override void Receive(object message)
        {
            switch (message)
            {
                case Task work: PipeToSelf(work, () => "done"); break;
                case TaskCompletionSource<string> work: PipeToSelf(work.Task, text => text); break;
                case "block":
                    inside.Set();
                    release.Wait(Envs.Patience);
                    throw new InvalidOperationException("blocked");
                default: events.Add($"{number} {message}"); break;
            }
        }

        public override void OnConnected(RpcAddress remote) => events.Add($"{number} connected");

        public override ErrorDirective OnError(Exception error)
        {
            events.Add($"{number} error {error.Message}");
            return ErrorDirective.Restart;
        }

        public override void OnStop() => events.Add($"{number} stop");
    }
}
