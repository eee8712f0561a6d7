using Sparkish.Rpc;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>
/// The effect of a command: events to write, and actions to run once they are durable. An immutable value: each method returns a new one. Actions run in the
/// order of the commands, each with the state after its own command, and not at all if the events could not be written.
/// </summary>
/// <typeparam name="TState">The endpoint's state.</typeparam>
/// <typeparam name="TEvent">The base type of all events.</typeparam>
public sealed class Effect<TState, TEvent> where TEvent : notnull
{
    private readonly Action<TState>[] _steps;

    private Effect(IReadOnlyList<TEvent> events, Action<TState>[] steps, bool stops)
    {
        Events = events;
        _steps = steps;
        Stops = stops;
    }

    /// <summary>No events and no actions.</summary>
    public static Effect<TState, TEvent> None { get; } = new([], [], stops: false);

    /// <summary>Writes events, all or none, in order.</summary>
    public IReadOnlyList<TEvent> Events { get; }

    /// <summary>Whether the endpoint stops afterwards.</summary>
    public bool Stops { get; }

    /// <summary>Writes events.</summary>
    public static Effect<TState, TEvent> Persist(params ReadOnlySpan<TEvent> events) => events.IsEmpty ? None : new(events.ToArray(), [], stops: false);

    /// <summary>Runs an action, such as sending messages, with the state after the events of this command.</summary>
    public Effect<TState, TEvent> Then(Action<TState> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        return new(Events, [.. _steps, action], Stops);
    }

    /// <summary>Replies to the ask that carried the command.</summary>
    /// <param name="call">The call that the command handler received.</param>
    /// <param name="reply">Creates the reply from the state after the events of this command.</param>
    public Effect<TState, TEvent> ThenReply(RpcCallContext call, Func<TState, object?> reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        return Then(state => call.Reply(reply(state)));
    }

    /// <summary>
    /// Stops the endpoint, after all other actions of this effect. Later commands are not handled: asks among them fail like those to a stopped endpoint.
    /// </summary>
    public Effect<TState, TEvent> ThenStop() => new(Events, _steps, stops: true);

    internal void Run(TState state)
    {
        foreach (var step in _steps) step(state);
    }
}
