using System.Collections.Immutable;
using Sparkish.Persistence;
using Sparkish.Persistence.EventSourcing;
using Sparkish.Rpc;
using Sparkish.Serialization;

namespace Sparkish.Tests.Persistence;

/// <summary>A shop as it was.</summary>
public static class ShopBefore
{
    public abstract record Event;

    public sealed record Ordered(string Item, int Count) : Event;

    public sealed record Counted : Event;

    public sealed record Sales(ImmutableDictionary<string, int> Counts, int Orders);

    public static EventSchema<Event> Events { get; } = new EventSchema<Event>().Add<Ordered>(1).Add<Counted>(2);

    public static Sales Apply(Sales state, Event @event) =>
        @event is Ordered e ? new Sales(state.Counts.SetItem(e.Item, state.Counts.GetValueOrDefault(e.Item) + e.Count), state.Orders + 1) : state;
}

/// <summary>The shop as it is: an order has a long count and a price under a new name, nothing is counted any more, and the state has changed, too.</summary>
public static class ShopNow
{
    public abstract record Event;

    public sealed record OrderPlaced([property: FormerName("Item")] string Article, long Count, decimal Price = 1m) : Event;

    public sealed record Cancelled(string Article) : Event;

    public sealed record Turnover(ImmutableDictionary<string, long> Counts, long Orders, decimal Sum = 100m);

    public static EventSchema<Event> Events { get; } = new EventSchema<Event>().Add<OrderPlaced>(1).Retire(2).Add<Cancelled>(3);

    public static Turnover Apply(Turnover state, Event @event) => @event is OrderPlaced e
        ? new Turnover(state.Counts.SetItem(e.Article, state.Counts.GetValueOrDefault(e.Article) + e.Count), state.Orders + 1, state.Sum + (e.Count * e.Price))
        : state;
}

/// <summary>An endpoint that writes the events it is sent, and tells its state.</summary>
internal sealed class Shop<TState, TEvent>(EventSourcingOptions<TEvent> options, TState initial, Func<TState, TEvent, TState> apply)
    : EventSourcedEndpoint<TState, TEvent>(options) where TState : notnull where TEvent : notnull
{
    protected override TState InitialState => initial;

    protected override TState Apply(TState state, TEvent @event) => apply(state, @event);

    protected override Effect<TState, TEvent> HandleAndReply(TState state, object command, RpcCallContext call) => command switch
    {
        TEvent @event => Persist(@event).ThenReply(call, after => after),
        _ => None.ThenReply(call, after => after),
    };
}

internal static class Shops
{
    public const string Journal = "shop";

    public static Shop<ShopBefore.Sales, ShopBefore.Event> Before(IJournalStore store, int snapshotEvery = 0) =>
        new(new(store, Journal, ShopBefore.Events) { SnapshotEvery = snapshotEvery },
            new ShopBefore.Sales(ImmutableDictionary<string, int>.Empty, 0), ShopBefore.Apply);

    public static Shop<ShopNow.Turnover, ShopNow.Event> Now(IJournalStore store, EventSchema<ShopNow.Event>? events = null) =>
        new(new(store, Journal, events ?? ShopNow.Events), new ShopNow.Turnover(ImmutableDictionary<string, long>.Empty, 0, 0), ShopNow.Apply);
}
