namespace Sparkish.Persistence.EventSourcing;

/// <summary>Options of an event-sourced endpoint's journal.</summary>
/// <param name="Store">
/// The store of the journal. All instances that write one journal in a process share the store, so that the next one waits until the last one has released it.
/// </param>
/// <param name="Journal">The name of the journal in the store; each endpoint has its own.</param>
/// <param name="Events">The types of the events.</param>
/// <typeparam name="TEvent">The base type of all events.</typeparam>
public sealed record EventSourcingOptions<TEvent>(IJournalStore Store, string Journal, EventSchema<TEvent> Events) where TEvent : notnull
{
    private readonly int _snapshotEvery = 1_000;
    private readonly long _retainedEvents;
    private readonly int _maxWaiting = 10_000;
    private readonly int _maxBatchEvents = 1_000;

    /// <summary>The epoch of an election's term (<see cref="ILeaderTerm.Epoch"/>); null if no other process can write, or the opening must fence it.</summary>
    public long? Epoch { get; init; }

    /// <summary>
    /// Number of events after which the state is saved as a snapshot, so that earlier events can be deleted; 0 for never. A thousand unless set.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public int SnapshotEvery
    {
        get => _snapshotEvery;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _snapshotEvery = value;
        }
    }

    /// <summary>
    /// Number of events that stay in the journal although a snapshot covers them, for readers (<see cref="EventSchema{TEvent}.ReadAsync"/>); a store may keep
    /// more. None unless set; <see cref="long.MaxValue"/> for all.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is negative.</exception>
    public long RetainedEvents
    {
        get => _retainedEvents;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _retainedEvents = value;
        }
    }

    /// <summary>
    /// Maximum number of commands that wait while the endpoint recovers or its journal writes. Beyond it asks fail with <see cref="EndpointBusyException"/>,
    /// and sent messages are dropped with a warning, except for <see cref="Rpc.EndpointTerminated"/>. Ten thousand unless set.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int MaxWaiting
    {
        get => _maxWaiting;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            _maxWaiting = value;
        }
    }

    /// <summary>Maximum number of events in one write; the events of one command are never split. A thousand unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is not positive.</exception>
    public int MaxBatchEvents
    {
        get => _maxBatchEvents;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            _maxBatchEvents = value;
        }
    }
}
