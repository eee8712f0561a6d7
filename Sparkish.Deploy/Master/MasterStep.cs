using Sparkish.Persistence.EventSourcing;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Master;

/// <summary>The decision of a master on one message: events, and actions that run once the events are durable.</summary>
/// <param name="state">The state before the message.</param>
internal sealed class MasterStep(MasterState state)
{
    private readonly List<MasterEvent> _events = [];
    private readonly List<Action> _actions = [];

    /// <summary>The state after the events so far.</summary>
    public MasterState State { get; private set; } = state;

    /// <exception cref="InvalidOperationException">The event cannot happen in this state.</exception>
    public void Record(MasterEvent happened)
    {
        State = State.Apply(happened);
        _events.Add(happened);
    }

    /// <summary>Sends a message once the events are durable.</summary>
    public void Send(RpcEndpointRef receiver, object message) => _actions.Add(() => receiver.Send(message));

    /// <summary>Replies once the events are durable.</summary>
    public void Reply(RpcCallContext call, object? reply) => _actions.Add(() => call.Reply(reply));

    /// <summary>Fails an ask, once the events are durable.</summary>
    public void Fail(RpcCallContext call, Exception error) => _actions.Add(() => call.SendFailure(error));

    /// <summary>Runs an action once the events are durable.</summary>
    public void Then(Action action) => _actions.Add(action);

    /// <summary>The effect of the message.</summary>
    /// <param name="mayAct">Whether the master still leads: asked again after the events are durable, since its term may have ended meanwhile.</param>
    public Effect<MasterState, MasterEvent> ToEffect(Func<bool> mayAct)
    {
        if (_events.Count == 0 && _actions.Count == 0) return Effect<MasterState, MasterEvent>.None;
        return Effect<MasterState, MasterEvent>.Persist([.. _events]).Then(_ =>
        {
            foreach (var action in _actions)
            {
                if (!mayAct()) return;
                action();
            }
        });
    }
}
