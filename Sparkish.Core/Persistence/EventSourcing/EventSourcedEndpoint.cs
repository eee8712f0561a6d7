using Microsoft.Extensions.Logging;
using Sparkish.Rpc;
using Sparkish.Serialization;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>
/// An endpoint whose state outlives it: each command decides events, the events are written to a journal, and only when they are safe the rest happens
/// (<see cref="Effect{TState, TEvent}"/>). At its start the endpoint reads its journal and applies the events again. As with every endpoint, nothing in it runs
/// at
/// once with anything else; only <see cref="Apply"/> runs on other threads, too, while the endpoint recovers.
/// </summary>
/// <remarks>
/// Commands that come while the endpoint recovers, or while events are being written, wait in their order, up to a number
/// (<see cref="EventSourcingOptions{TEvent}.MaxWaiting"/>); then all that wait are handled one after the other, and their events are written at once.
/// If they cannot be written, the instance ends: the asks that wait fail with the reason (<see cref="JournalException"/>, <see cref="StaleEpochException"/>
/// when somebody else has taken over), and nothing else of theirs happens. <see cref="RpcEndpoint.OnError"/> decides whether a fresh instance is tried after a
/// pause; not after another writer's takeover, nor where the journal is corrupt or cannot be replayed. A restart, too, reads the journal again.
/// </remarks>
/// <typeparam name="TState">The state: an immutable value. <see cref="Codec.For{T}"/> writes it to snapshots.</typeparam>
/// <typeparam name="TEvent">What all events have in common.</typeparam>
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

    /// <summary>Makes an endpoint that has not read its journal yet.</summary>
    protected EventSourcedEndpoint(EventSourcingOptions<TEvent> options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <summary>Where an instance stands. The last two are for good.</summary>
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
    /// The state that all events of finished commands have led to, all of them safe in the journal; while an effect runs, that of its command. A command
    /// handler
    /// looks at its parameter instead, which may be ahead by events that are not safe yet.
    /// </summary>
    /// <exception cref="InvalidOperationException">The endpoint has not recovered yet.</exception>
    protected TState State => _phase > Phase.Recovering ? _state : throw new InvalidOperationException($"{GetType().Name} has not read its journal yet.");

    /// <summary>
    /// The term under which the journal is written, which grows from one opening to the next: to be sent along with commands to others, who refuse older ones.
    /// </summary>
    /// <exception cref="InvalidOperationException">The endpoint has not recovered yet.</exception>
    protected long Epoch => Session.Journal.Epoch;

    private JournalSession Session => _session ?? throw new InvalidOperationException($"{GetType().Name} has not started yet.");

    private ILogger Log => _log ??= Env.LoggerFactory.CreateLogger("Sparkish.Persistence");

    /// <summary>
    /// The state after an event. Pure: it depends on nothing else and does nothing else, for it runs again at each recovery, then on any thread.
    /// </summary>
    protected abstract TState Apply(TState state, TEvent @event);

    /// <summary>
    /// Decides what a command leads to that was sent. It changes nothing itself; what it throws goes to <see cref="RpcEndpoint.OnError"/>, and no event is
    /// written.
    /// </summary>
    /// <param name="state">The state that the commands before this one have led to.</param>
    /// <param name="command">What was sent, by others, by timers, or by this endpoint itself; <see cref="EndpointTerminated"/>, too.</param>
    /// <exception cref="UnhandledMessageException">This endpoint has no case for the command.</exception>
    protected virtual Effect<TState, TEvent> Handle(TState state, object command) => throw new UnhandledMessageException(Self, command);

    /// <summary>Decides what a command leads to that was asked; an exception goes to the asker, too.</summary>
    /// <param name="state">The state that the commands before this one have led to.</param>
    /// <param name="command">What was asked.</param>
    /// <param name="call">Answers, by <see cref="Effect{TState, TEvent}.ThenReply"/> or later.</param>
    /// <exception cref="UnhandledMessageException">This endpoint has no case for the command.</exception>
    protected virtual Effect<TState, TEvent> HandleAndReply(TState state, object command, RpcCallContext call) =>
        throw new UnhandledMessageException(Self, command);

    /// <summary>The journal was read; commands follow. For timers, watches and messages that the state calls for.</summary>
    protected virtual void OnRecovered(TState state) { }

    /// <summary>
    /// The journal cannot be read or written any more, or somebody else has taken it over (<see cref="StaleEpochException"/>): this instance does nothing more.
    /// It was logged and those who wait were told. After a failure of the store <see cref="RpcEndpoint.OnError"/> is asked: with
    /// <see cref="ErrorDirective.Restart"/> a fresh instance opens the journal after a pause, which grows; in all other cases the endpoint stops for good.
    /// </summary>
    protected virtual void OnJournalFailed(Exception error) { }

    /// <summary>Runs last, in place of <see cref="RpcEndpoint.OnStop"/>. The journal is closed behind it, when what is being written is written.</summary>
    protected virtual void OnStopped() { }

    /// <inheritdoc cref="Effect{TState, TEvent}.None"/>
    protected static Effect<TState, TEvent> None => Effect<TState, TEvent>.None;

    /// <inheritdoc cref="Effect{TState, TEvent}.Persist"/>
    protected static Effect<TState, TEvent> Persist(params ReadOnlySpan<TEvent> events) => Effect<TState, TEvent>.Persist(events);

    /// <summary>Begins to read the journal.</summary>
    public sealed override void OnStart() => Recover();

    /// <summary>Routes to <see cref="Handle"/>, when its time has come.</summary>
    public sealed override void Receive(object message)
    {
        switch (message)
        {
            case OfJournal m: OnJournal(m); break;
            default: Take(new WaitingCommand(message, Call: null)); break;
        }
    }

    /// <summary>Routes to <see cref="HandleAndReply"/>, when its time has come.</summary>
    public sealed override void ReceiveAndReply(object message, RpcCallContext call) => Take(new WaitingCommand(message, call));

    /// <summary>Closes the journal. Asks that wait fail; whether the events that are being written arrive is known when the journal is read again.</summary>
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
                _failure ?? new JournalException($"Endpoint {Self.Name} stopped while the events of this command were being written: they may be there or not."));
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
            default: break; // what was under way when the endpoint failed or stopped
        }
    }

    /// <summary>Refuses all commands from now on, with the reason. Whether a fresh instance is tried is asked of <see cref="RpcEndpoint.OnError"/>.</summary>
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
                // What OnError says comes first: a fresh instance then takes no notice of the message behind it, since it has another session.
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
