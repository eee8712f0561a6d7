using Sparkish.Persistence.EventSourcing;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Master;

/// <summary>The decision of a master on one message: events, and actions that run once the events are durable.</summary>
/// <param name="state">The state before the message.</param>
internal sealed class MasterStep(MasterState state)
{
    private readonly List<MasterEvent> _events = [];
    private readonly List<Action> _actions = [];
    private readonly HashSet<WorkerId> _workers = [];

    /// <summary>The state after the events so far.</summary>
    public MasterState State { get; private set; } = state;

    /// <summary>The workers whose state or free resources the events change.</summary>
    public IReadOnlyCollection<WorkerId> Workers => _workers;

    /// <exception cref="InvalidOperationException">The event cannot happen in this state.</exception>
    public void Record(MasterEvent happened)
    {
        if (WorkerOf(happened) is { } worker) _workers.Add(worker);
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

    private WorkerId? WorkerOf(MasterEvent happened) => happened switch
    {
        WorkerAdded e => e.Worker,
        WorkerRecovered e => e.Worker,
        WorkerLost e => e.Worker,
        WorkerDecommissioned e => e.Worker,
        ExecutorLaunched e => e.Worker,
        ExecutorChanged e => e.Worker,
        DriverLaunched e => e.Worker,
        DriverGone e => e.Worker,
        DriverEnded e => State.Drivers.GetValueOrDefault(e.Driver)?.Worker,
        DriverRelaunched e => State.Drivers.GetValueOrDefault(e.Driver)?.Worker,
        _ => null,
    };
}
