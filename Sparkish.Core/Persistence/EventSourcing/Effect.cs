using Sparkish.Rpc;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>
/// What a command leads to: events to write, and what to do once they are safe. A value: each method returns another one. What is to be done runs in the
/// order of the commands, each with the state that its own command has led to, and not at all if the events could not be written.
/// </summary>
/// <typeparam name="TState">The endpoint's state.</typeparam>
/// <typeparam name="TEvent">What all events have in common.</typeparam>
public sealed class Effect<TState, TEvent> where TEvent : notnull
{
    private readonly Action<TState>[] _steps;

    private Effect(IReadOnlyList<TEvent> events, Action<TState>[] steps, bool stops)
    {
        Events = events;
        _steps = steps;
        Stops = stops;
    }

    /// <summary>No events and nothing to do.</summary>
    public static Effect<TState, TEvent> None { get; } = new([], [], stops: false);

    /// <summary>The events to write, all or none, in their order.</summary>
    public IReadOnlyList<TEvent> Events { get; }

    /// <summary>Whether the endpoint stops afterwards.</summary>
    public bool Stops { get; }

    /// <summary>Writes events.</summary>
    public static Effect<TState, TEvent> Persist(params ReadOnlySpan<TEvent> events) => events.IsEmpty ? None : new(events.ToArray(), [], stops: false);

    /// <summary>Does something, such as sending messages, with the state that the events of this command have led to.</summary>
    public Effect<TState, TEvent> Then(Action<TState> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return new(Events, [.. _steps, action], Stops);
    }

    /// <summary>Answers the question that the command was.</summary>
    /// <param name="call">What the command handler was given.</param>
    /// <param name="reply">Makes the answer of the state that the events of this command have led to.</param>
    public Effect<TState, TEvent> ThenReply(RpcCallContext call, Func<TState, object?> reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return Then(state => call.Reply(reply(state)));
    }

    /// <summary>
    /// Stops the endpoint, after all else that this effect does. Commands behind this one are not handled: asks among them fail as those to an endpoint that is
    /// gone.
    /// </summary>
    public Effect<TState, TEvent> ThenStop() => new(Events, _steps, stops: true);

    internal void Run(TState state)
    {
        foreach (var step in _steps) step(state);
    }
}
