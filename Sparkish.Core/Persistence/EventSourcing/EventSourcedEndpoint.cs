using Microsoft.Extensions.Logging;
using Sparkish.Rpc;
using Sparkish.Serialization;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>
/// An endpoint with durable state. A command handler decides events, and the events are written to a journal. Only when they are durable do the remaining
/// effects run (<see cref="Effect{TState, TEvent}"/>). At its start the endpoint reads its journal and applies the events again. As with every endpoint,
/// nothing in it runs concurrently; only <see cref="Apply"/> also runs on other threads, while the endpoint recovers.
/// </summary>
/// <remarks>
/// Commands that arrive during recovery, or while events are being written, wait in order, up to <see cref="EventSourcingOptions{TEvent}.MaxWaiting"/>. All
/// waiting commands are then handled one after the other, and their events are written together. If the write fails, the instance ends: waiting asks fail with
/// the reason (<see cref="JournalException"/>, <see cref="StaleEpochException"/> after a takeover), and none of their effects run.
/// <see cref="RpcEndpoint.OnError"/> decides whether a new instance is tried after a pause. There is no retry after another writer's takeover, or if the
/// journal is corrupt or cannot be replayed. A restart also reads the journal again.
/// </remarks>
/// <typeparam name="TState">The state: an immutable value. <see cref="Codec.For{T}"/> writes it to snapshots.</typeparam>
/// <typeparam name="TEvent">The base type of all events.</typeparam>
public abstract partial class EventSourcedEndpoint<TState, TEvent> : RpcEndpoint where TEvent : notnull
{
    private readonly EventSourcingOptions<TEvent> _options;
    private readonly StoredType<TState> _stateType = new(number: 0);
    private Phase _phase = Phase.New;
    private JournalSession? _session;
    private SerializationContext? _context;
    private ILogger? _log;
    private TState _state = default!;
    private Exception? _failure;

    /// <summary>Creates an endpoint that has not read its journal yet.</summary>
    protected EventSourcedEndpoint(EventSourcingOptions<TEvent> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <summary>The phase of an instance. The last two are final.</summary>
    private enum Phase
    {
        New,
        Recovering,
        Ready,
        Appending,
        Stopping,
        Failed,
    }

    /// <summary>The state before the first event.</summary>
    protected abstract TState InitialState { get; }

    /// <summary>
    /// The state after all events of completed commands, all of them durable; while an effect runs, the state after its command. A command handler uses its
    /// parameter instead, which may include events that are not durable yet.
    /// </summary>
    /// <exception cref="InvalidOperationException">The endpoint has not recovered yet.</exception>
    protected TState State => _phase > Phase.Recovering ? _state : throw new InvalidOperationException($"{GetType().Name} has not read its journal yet.");

    /// <summary>
    /// The epoch under which the journal is written, which increases with each opening. Send it along with commands to other systems, which can then reject
    /// older ones.
    /// </summary>
    /// <exception cref="InvalidOperationException">The endpoint has not recovered yet.</exception>
    protected long Epoch => Session.Journal.Epoch;

    private JournalSession Session => _session ?? throw new InvalidOperationException($"{GetType().Name} has not started yet.");

    private ILogger Log => _log ??= Env.LoggerFactory.CreateLogger("Sparkish.Persistence");

    /// <summary>
    /// Returns the state after an event. Pure: it depends on nothing else and has no side effects, since it runs again at each recovery, then on any thread.
    /// </summary>
    protected abstract TState Apply(TState state, TEvent @event);

    /// <summary>
    /// Decides the effect of a command that was sent. It changes nothing itself; an exception is passed to <see cref="RpcEndpoint.OnError"/>, and no event is
    /// written.
    /// </summary>
    /// <param name="state">The state after the previous commands.</param>
    /// <param name="command">The message, from others, from timers, or from this endpoint itself; also <see cref="EndpointTerminated"/>.</param>
    /// <exception cref="UnhandledMessageException">This endpoint has no case for the command.</exception>
    protected virtual Effect<TState, TEvent> Handle(TState state, object command) => throw new UnhandledMessageException(Self, command);

    /// <summary>Decides the effect of a command that was asked; an exception is sent to the asker, too.</summary>
    /// <param name="state">The state after the previous commands.</param>
    /// <param name="command">The message.</param>
    /// <param name="call">Answers, by <see cref="Effect{TState, TEvent}.ThenReply"/> or later.</param>
    /// <exception cref="UnhandledMessageException">This endpoint has no case for the command.</exception>
    protected virtual Effect<TState, TEvent> HandleAndReply(TState state, object command, RpcCallContext call) =>
        throw new UnhandledMessageException(Self, command);

    /// <summary>The journal was read; commands follow. For timers, watches and messages that the state calls for.</summary>
    protected virtual void OnRecovered(TState state) { }

    /// <summary>
    /// Called when the journal cannot be read or written any more, or another writer has taken it over (<see cref="StaleEpochException"/>): this instance does
    /// nothing more. The failure was logged, and waiting askers were notified. After a failure of the store, <see cref="RpcEndpoint.OnError"/> decides: with
    /// <see cref="ErrorDirective.Restart"/> a new instance opens the journal after a growing pause; otherwise the endpoint stops for good.
    /// </summary>
    protected virtual void OnJournalFailed(Exception error) { }

    /// <summary>Runs last, in place of <see cref="RpcEndpoint.OnStop"/>. The journal is closed afterwards, when running writes have completed.</summary>
    protected virtual void OnStopped() { }

    /// <inheritdoc cref="Effect{TState, TEvent}.None"/>
    protected static Effect<TState, TEvent> None => Effect<TState, TEvent>.None;

    /// <inheritdoc cref="Effect{TState, TEvent}.Persist"/>
    protected static Effect<TState, TEvent> Persist(params ReadOnlySpan<TEvent> events) => Effect<TState, TEvent>.Persist(events);

    /// <summary>Begins to read the journal.</summary>
    public sealed override void OnStart() => Recover();

    /// <summary>Routes to <see cref="Handle"/>, in order.</summary>
    public sealed override void Receive(object message)
    {
        switch (message)
        {
            case OfJournal m: OnJournal(m); break;
            default: Take(new WaitingCommand(message, Call: null, Sender)); break;
        }
    }

    /// <summary>Routes to <see cref="HandleAndReply"/>, in order.</summary>
    public sealed override void ReceiveAndReply(object message, RpcCallContext call) => Take(new WaitingCommand(message, call));

    /// <summary>Closes the journal. Waiting asks fail; whether the events that are being written are durable is known at the next recovery.</summary>
    public sealed override void OnStop()
    {
        if (_phase < Phase.Stopping) _phase = Phase.Stopping;
        try
        {
            OnStopped();
        }
        finally
        {
            FailAll(
                _failure ?? new EndpointNotFoundException(new RpcEndpointAddress(Env.Address, Self.Name)),
                _failure ?? new JournalException($"Endpoint {Self.Name} stopped while it wrote the events of this command: whether the journal holds them is unknown."));
            _session?.Close();
        }
    }

    private void OnJournal(OfJournal message)
    {
        if (message.Session != _session) return; // of an instance that this one has replaced
        switch (_phase, message)
        {
            case (Phase.Recovering, Recovered m): OnRecovered(m); break;
            case (Phase.Recovering, RecoveryFailed m): OnRecoveryFailed(m); break;
            case (Phase.Appending, Appended m): OnAppended(m); break;
            case (Phase.Appending, AppendFailed m): OnAppendFailed(m); break;
            case (Phase.Failed, NotRestarted): Stop(); break;
            case (_, SnapshotSaved m): OnSnapshotSaved(m); break;
            case (_, SnapshotFailed m): OnSnapshotFailed(m); break;
            default: break; // it was pending when the endpoint failed or stopped
        }
    }

    /// <summary>Refuses all commands from now on, with the reason. <see cref="RpcEndpoint.OnError"/> decides whether a new instance is tried.</summary>
    private void Fail(Exception reason)
    {
        if (_phase >= Phase.Stopping) return;
        _phase = Phase.Failed;
        _failure = reason;
        FailAll(reason);
        try
        {
            OnJournalFailed(reason);
        }
        finally
        {
            if (IsForGood(reason))
            {
                Stop();
            }
            else
            {
                // The directive of OnError comes first: a new instance then ignores the message after it, since it has another session.
                Env.PostErrorOf(this, Self, reason);
                Self.Send(new NotRestarted(Session));
            }
        }
    }

    private static bool IsForGood(Exception reason) =>
        reason is not JournalException || reason is StaleEpochException or JournalCorruptException or JournalReplayException;

    // To this endpoint from its journal

    private abstract record OfJournal(JournalSession Session);

    private sealed record Recovered(JournalSession Session, Replayed<TState> Replayed) : OfJournal(Session);

    private sealed record RecoveryFailed(JournalSession Session, Exception Error) : OfJournal(Session);

    private sealed record Appended(JournalSession Session, long Sequence) : OfJournal(Session);

    private sealed record AppendFailed(JournalSession Session, Exception Error) : OfJournal(Session);

    private sealed record NotRestarted(JournalSession Session) : OfJournal(Session);

    private sealed record SnapshotSaved(JournalSession Session, long Sequence) : OfJournal(Session);

    private sealed record SnapshotFailed(JournalSession Session, Exception Error) : OfJournal(Session);
}
