using System.Collections.Concurrent;
using System.Collections.Immutable;
using Sparkish.Persistence;
using Sparkish.Persistence.EventSourcing;
using Sparkish.Rpc;

namespace Sparkish.Tests.Persistence;

/// <summary>What happens to a counter.</summary>
public interface ICounterEvent;

public sealed record Incremented(int By, string Client) : ICounterEvent;

public sealed record WasReset : ICounterEvent;

public sealed record NotRegistered : ICounterEvent;

/// <summary>A counter: its value, and how often each client has incremented it.</summary>
public sealed record CounterState(long Value, ImmutableDictionary<string, int> Increments)
{
    public static CounterState Zero { get; } = new(0, ImmutableDictionary<string, int>.Empty);
}

// To the counter

public sealed record Increment(int By, string Client = "test", int Number = 0);

public sealed record IncrementTwice(int By);

public sealed record ResetCounter;

public sealed record GetValue;

public sealed record GetAcknowledged;

public sealed record Refuse(string Why);

public sealed record FailInEffect;

public sealed record IncrementAndStop;

public sealed record PersistUnregistered;

public sealed record Break(int By);

public sealed record RestartYourself;

public sealed record IncrementAndSend(int By, RpcEndpointRef Receiver);

public sealed record StartTimer;

public sealed record Disconnected(RpcAddress Peer);

/// <summary>The counter that tests use, with an event or error for each rule.</summary>
internal sealed class EventSourcingCounter(EventSourcingOptions<ICounterEvent> options) : EventSourcedEndpoint<CounterState, ICounterEvent>(options)
{
    public const string Journal = "counter";

    /// <summary>An increment by this much cannot be applied.</summary>
    public const int Poison = 666;

    public static EventSchema<ICounterEvent> Events { get; } = new EventSchema<ICounterEvent>().Add<Incremented>(1).Add<WasReset>(2);

    public ConcurrentQueue<string> Seen { get; init; } = new();

    /// <summary>Is told of each recovery: the state and the epoch.</summary>
    public Action<CounterState, long>? Recovering { get; init; }

    public Func<Exception, ErrorDirective> Directive { get; init; } = static _ => ErrorDirective.Resume;

    protected override CounterState InitialState => CounterState.Zero;

    public static EventSourcingOptions<ICounterEvent> Options(IJournalStore store) => new(store, Journal, Events);

    public override ErrorDirective OnError(Exception error)
    {
        if (error is DrainedException drained)
        {
            drained.Drained.SetResult();
            return ErrorDirective.Resume;
        }

        Seen.Enqueue($"error {error.Message}");
        return Directive(error);
    }

    public override void OnDisconnected(RpcAddress remote) => Self.Send(new Disconnected(remote));

    protected override CounterState Apply(CounterState state, ICounterEvent @event) => @event switch
    {
        Incremented { By: Poison } => throw new InvalidOperationException("Nobody counts that far."),
        Incremented e => new CounterState(state.Value + e.By, state.Increments.SetItem(e.Client, state.Increments.GetValueOrDefault(e.Client) + 1)),
        WasReset => CounterState.Zero,
        _ => state,
    };

    protected override Effect<CounterState, ICounterEvent> Handle(CounterState state, object command)
    {
        switch (command)
        {
            case Increment c: return Persist(new Incremented(c.By, c.Client)).Then(after => Seen.Enqueue($"sent {after.Value}"));
            case IncrementAndSend c: return Persist(new Incremented(c.By, "test")).Then(after => c.Receiver.Send(after.Value));
            case StartTimer: return None.Then(_ => Env.ScheduleOnce(TimeSpan.FromMilliseconds(1), Self, new Increment(5)));
            case EndpointTerminated c: return Persist(new Incremented(1, c.Endpoint.Name));
            case Disconnected: return Persist(new Incremented(1, "disconnected"));
            case Refuse c: throw new InvalidOperationException(c.Why);
            default: return base.Handle(state, command);
        }
    }

    protected override Effect<CounterState, ICounterEvent> HandleAndReply(CounterState state, object command, RpcCallContext call)
    {
        switch (command)
        {
            case Increment c when c.Number > 0 && c.Number <= state.Increments.GetValueOrDefault(c.Client): return None.ThenReply(call, after => after.Value);
            case Increment c: return Persist(new Incremented(c.By, c.Client)).ThenReply(call, after => after.Value);
            case IncrementTwice c: return Persist(new Incremented(c.By, "first"), new Incremented(c.By, "second")).ThenReply(call, after => after.Value);
            case ResetCounter: return Persist(new WasReset()).ThenReply(call, after => after.Value);
            case GetValue: return None.ThenReply(call, after => after.Value);
            case GetAcknowledged: call.Reply(State.Value); return None;
            case Refuse c: throw new InvalidOperationException(c.Why);
            case FailInEffect: return Persist(new Incremented(1, "test")).Then(_ => throw new InvalidOperationException("The effect failed."));
            case IncrementAndStop: return Persist(new Incremented(1, "test")).ThenReply(call, after => after.Value).ThenStop();
            case PersistUnregistered: return Persist(new NotRegistered());
            case Break c: return Persist(new Incremented(c.By, "test"), new Incremented(Poison, "test")).ThenReply(call, after => after.Value);
            case RestartYourself: throw new TimeoutException("restart");
            default: return base.HandleAndReply(state, command, call);
        }
    }

    protected override void OnRecovered(CounterState state)
    {
        Seen.Enqueue($"recovered {state.Value} epoch {Epoch}");
        Recovering?.Invoke(state, Epoch);
        foreach (var client in state.Increments.Keys.Where(static name => name.StartsWith("watch-", StringComparison.Ordinal)))
            Watch(Env.RefTo(new RpcEndpointAddress(Env.Address, client)));
    }

    protected override void OnJournalFailed(Exception error) => Seen.Enqueue($"failed {error.Message}");

    protected override void OnStopped() => Seen.Enqueue("stopped");
}
