using System.Collections.Concurrent;
using Sparkish.Persistence.EventSourcing;
using Sparkish.Rpc;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Persistence;

/// <summary>An event-sourced counter on a real env and a store that does what the test says; a test sees what the counter was told.</summary>
internal abstract class EventSourcedEndpointTest
{
    private ConcurrentQueue<Gate> _gates = null!;

    protected EventSourcingStore Store { get; private set; } = null!;

    protected ConcurrentQueue<string> Seen { get; private set; } = null!;

    protected RpcEnv Env { get; private set; } = null!;

    [SetUp]
    public void NewEnv() => (Store, Seen, _gates, Env) = (new EventSourcingStore(), new ConcurrentQueue<string>(), new ConcurrentQueue<Gate>(), Envs.New());

    [TearDown]
    public async Task StopEnv() => await Env.DisposeAsync();

    protected RpcEndpointRef Start(EventSourcingOptions<ICounterEvent>? options = null) =>
        Env.SetupEndpoint("counter", New(options ?? EventSourcingCounter.Options(Store)));

    protected EventSourcingCounter New(EventSourcingOptions<ICounterEvent> options, Func<Exception, ErrorDirective>? directive = null) =>
        new(options) { Seen = Seen, Directive = directive ?? (static _ => ErrorDirective.Resume) };

    /// <summary>The next append waits, or the one after those that were held before.</summary>
    protected Gate Hold()
    {
        var gate = new Gate();
        _gates.Enqueue(gate);
        Store.Appending = _ => _gates.TryDequeue(out var next) ? next.WaitAsync() : Task.CompletedTask;
        return gate;
    }

    protected static Task<long> AskAsync(RpcEndpointRef counter, object question) => counter.AskAsync<long>(question, EventSourcingWaits.Patience).AsTask();

    /// <summary>What was sent before has been taken out of the inbox: this answer does not wait for the journal.</summary>
    protected static async Task InboxIsEmptyAsync(RpcEndpointRef counter)
    {
        var marker = new DrainedException();
        counter.Env.PostError(counter, marker);
        await marker.Drained.Task.WaitAsync(EventSourcingWaits.Patience);
    }

    protected static async Task<Exception?> CatchAsync(Task task)
    {
        try
        {
            await task;
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    protected async Task StopAsync(RpcEndpointRef counter)
    {
        Env.Stop(counter);
        await Seen.UntilAsync(seen => seen.LastOrDefault() == "stopped");
    }

    protected async Task GoneAsync(RpcEndpointRef counter)
    {
        await Seen.UntilAsync(seen => seen.Contains("stopped"));
        Assert.That(await CatchAsync(AskAsync(counter, new GetValue())), Is.TypeOf<EndpointNotFoundException>());
    }

    protected static Task EventuallyAsync(Func<bool> condition) => condition.UntilAsync(static condition => condition());
}
