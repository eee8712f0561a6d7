namespace Sparkish.Persistence.EventSourcing;

/// <summary>Where an event-sourced endpoint keeps its events, and how.</summary>
/// <param name="Store">Keeps the journal. All instances that write one journal in a process share the store, so that the next one waits until the last one has
/// let go.</param>
/// <param name="Journal">The name of the journal in the store; each endpoint has one of its own.</param>
/// <param name="Events">The types that events may have.</param>
/// <typeparam name="TEvent">What all events have in common.</typeparam>
public sealed record EventSourcingOptions<TEvent>(IJournalStore Store, string Journal, EventSchema<TEvent> Events) where TEvent : notnull
{
    private readonly int _snapshotEvery = 1_000;
    private readonly long _retainedEvents;
    private readonly int _maxWaiting = 10_000;
    private readonly int _maxBatchEvents = 1_000;

    /// <summary>The term of an election (<see cref="ILeaderTerm.Epoch"/>); null where nobody else can write, or is to stop doing so.</summary>
    public long? Epoch { get; init; }

    /// <summary>After how many events the state is saved, so that the events before need not be kept; 0 for never. A thousand unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
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
    /// How many events stay in the journal behind a snapshot that has them, for those who read it (<see cref="EventSchema{TEvent}.ReadAsync"/>); a store may keep
    /// more. None unless set; <see cref="long.MaxValue"/> for all.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
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
    /// How many commands may wait while the endpoint recovers or its journal writes. Beyond it asks fail with <see cref="EndpointBusyException"/>, and what
    /// was sent is dropped with a warning, except for <see cref="Rpc.EndpointTerminated"/>. Ten thousand unless set.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
    public int MaxWaiting
    {
        get => _maxWaiting;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(value);
            _maxWaiting = value;
        }
    }

    /// <summary>How many events may be written at once; a command's own are never parted. A thousand unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not positive.</exception>
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
