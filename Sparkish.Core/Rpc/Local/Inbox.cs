namespace Sparkish.Rpc.Local;

/// <summary>
/// The queue of one endpoint and the turn that handles it: many senders, one handler at a time. Start is the first entry and Stop the last one handled; later
/// entries are refused. The queue is Vyukov's intrusive multi-producer queue. A sender exchanges the tail and then links, so for a moment an entry may be
/// reachable from the tail but not from the head.
/// </summary>
internal sealed partial class Inbox : IThreadPoolWorkItem
{
    private const int StreamLength = 32;
    private const int LingerChecks = 16;
    private const int LingerSpins = 8;
    private const int MeasureAttempts = 3;
    private const int MaxMeasured = 1 << 20;

    // Number of abandoned endpoints of the process. A turn checks this before its own inbox: senders write that cache line.
    private static int _abandonments;

    private readonly Dispatcher _dispatcher;
    private readonly LocalEndpointRef _self;
    private readonly TurnScheduler _scheduler;
    private RpcEndpoint _endpoint;
    private InboxExtras? _extras;
    private Envelope _head;
    private Envelope _tail;
    private int _scheduled = 1; // until Activate, entries wait
    private int _stopping;
    private int _finished;
    private bool _observed;
    private HandlerContext? _context;

    public Inbox(Dispatcher dispatcher, TurnScheduler scheduler, LocalEndpointRef self, RpcEndpoint endpoint, InboxExtras? extras)
    {
        _dispatcher = dispatcher;
        _scheduler = scheduler;
        _self = self;
        _endpoint = endpoint;
        _extras = extras;
        _context = NewContext(endpoint);
        _head = _tail = new StubEnvelope();
        Enqueue(StepEnvelope.ToStart());
    }

    public LocalEndpointRef Self => _self;

    /// <summary>The scheduler of its turns.</summary>
    public TurnScheduler Turns => _scheduler;

    /// <summary>The instance behind this inbox at this moment.</summary>
    public RpcEndpoint Instance => Volatile.Read(ref _endpoint);

    /// <summary>Number of instances before the current one.</summary>
    public int Generation => Volatile.Read(ref _extras)?.Generation ?? 0;

    /// <summary>Whether OnStop has completed.</summary>
    public bool HasFinished => Volatile.Read(ref _finished) != 0;

    /// <summary>Starts handling.</summary>
    public void Activate() => _scheduler.Schedule(this, preferLocal: false);

    /// <summary>Adds an entry; false if the endpoint is stopping and the entry was not added.</summary>
    public bool Post(Envelope envelope)
    {
        if (Volatile.Read(ref _stopping) != 0) return false;
        Add(envelope);
        return true;
    }

    /// <summary>Hands an error to OnError of the instance that it belongs to; reports it if that is gone.</summary>
    public void PostError(RpcEndpoint instance, Exception error)
    {
        if (!Post(new ErrorEnvelope(this, instance, error))) Report(error);
    }

    /// <summary>Reports an error for which no instance is left.</summary>
    public void Report(Exception error) => _dispatcher.Log.HandlerFailed(error, _self.Name);

    /// <summary>Adds the last entry; later calls do nothing.</summary>
    public void Stop()
    {
        if (Interlocked.Exchange(ref _stopping, 1) != 0) return;
        Add(StepEnvelope.ToStop());
        if (Volatile.Read(ref _extras)?.Suspension is { IsPause: true } pause) pause.Resume();
    }

    /// <summary>
    /// The approximate number of waiting messages, for metrics: it follows the links from outside, so that senders and the turn need no counter. Handled
    /// entries have no content; if one of them is already reused elsewhere, the walk starts over.
    /// </summary>
    public long MeasureLength()
    {
        var least = long.MaxValue;
        for (var attempt = 0; attempt < MeasureAttempts; attempt++)
        {
            var last = Volatile.Read(ref _tail);
            var count = 0L;
            var entry = Volatile.Read(ref _head);
            for (var steps = 0; entry is not null && steps < MaxMeasured; steps++)
            {
                if (entry.IsWaiting) count++;
                if (entry == last) return count;
                entry = Volatile.Read(ref entry.Next);
            }

            least = Math.Min(least, count);
            if (count >= MaxMeasured / 2) break; // it is just long
        }

        return least;
    }

    /// <summary>Subscribes the dispatcher to the end of this endpoint; false if it has already ended.</summary>
    public bool Observe()
    {
        _observed = true;
        Interlocked.MemoryBarrier(); // pairs with Finish: one of both sees the write of the other
        return !HasFinished;
    }

    /// <summary>The clock whose timers wake this endpoint.</summary>
    public TimeProvider TimersOf(TimeProvider time) => _scheduler.TimersOf(time);

    /// <summary>The timers that send to this endpoint.</summary>
    public TimerSet Timers
    {
        get
        {
            if (Volatile.Read(ref _extras) is null) Interlocked.CompareExchange(ref _extras, new InboxExtras(), null);
            if (HasFinished) _extras!.Timers.Close();
            return _extras!.Timers;
        }
    }

    /// <summary>One turn: handles a bounded number of entries, then lets others run.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        var turn = Turn.Begin();
        var context = _context;
        context?.Enter();
        if (_extras is not { } extras) RunAlone(turn);
        else if (TryGoOn(extras)) RunWith(extras, turn);
        RpcEndpoint.KeepSender(null);
        if (context is not null || _context is not null) HandlerContext.Leave();
        turn.End();
    }

    private void RunWith(InboxExtras extras, Turn turn)
    {
        if (extras.Concurrent is { } handlers) RunBeside(handlers, extras);
        else if (extras.Abandoned is not null) RunAwaiting(turn, extras);
        else RunAlone(turn);
    }

    /// <summary>
    /// Handles one entry after the other. The loop works on copies of the fields: senders write beside them for each message, and a cache line bouncing between
    /// cores costs more than a message.
    /// </summary>
    private void RunAlone(Turn turn)
    {
        var head = _head;
        var abandonments = Volatile.Read(ref _abandonments);
        var endpoint = LiveInstance;
        var handled = 0;
        IMessageSource? sender = null;
        for (var left = _scheduler.MessagesPerTurn; left > 0; left--)
        {
            if (TryTake(ref head) is { } envelope)
            {
                if (endpoint is not null && envelope is InboundSend sent)
                {
                    if (!TryDeliver(sent, endpoint, ref sender)) endpoint = LiveInstance;
                    sent.Clear(turn);
                }
                else
                {
                    if (sender is not null) RpcEndpoint.KeepSender(sender = null);
                    if (endpoint is null || envelope is StepEnvelope || !TryDeliver(envelope, endpoint)) endpoint = HandleApart(envelope, endpoint);
                    envelope.Clear();
                }

                turn.Step();
                handled++;
                if (Volatile.Read(ref _abandonments) != abandonments)
                {
                    abandonments = Volatile.Read(ref _abandonments);
                    endpoint = LiveInstance;
                }

                if (endpoint is not null || _extras is not { Suspension: not null } extras) continue;
                _head = head;
                if (!TryGoOn(extras)) return;
                endpoint = LiveInstance;
            }
            else if (handled < StreamLength || !Linger(head))
            {
                _head = head;
                if (TryRest(head)) return;
                head = _head; // another turn may have run meanwhile
            }
        }

        _head = head;
        _scheduler.Schedule(this, preferLocal: false);
    }

    /// <summary>Starts concurrent handlers as long as there are slots.</summary>
    private void RunBeside(ConcurrentHandlers handlers, InboxExtras extras)
    {
        for (var left = _scheduler.MessagesPerTurn; left > 0; left--)
        {
            var envelope = handlers.TakeHeld() ?? TryTake(ref _head);
            if (envelope is null)
            {
                if (TryRest(_head)) return;
            }
            else if (!TryHandleBeside(handlers, envelope))
            {
                return; // the handler that frees a slot calls the next turn, which may be running already
            }
            else if (!TryGoOn(extras))
            {
                return;
            }
        }

        _scheduler.Schedule(this, preferLocal: false);
    }

    private void Add(Envelope envelope)
    {
        Enqueue(envelope);
        if (Volatile.Read(ref _scheduled) == 0 && Interlocked.CompareExchange(ref _scheduled, 1, 0) == 0)
            _scheduler.Schedule(this, preferLocal: true);
    }

    private void Enqueue(Envelope envelope)
    {
        var previous = Interlocked.Exchange(ref _tail, envelope);
        Volatile.Write(ref previous.Next, envelope);
    }

    private Envelope? TryTake(ref Envelope head)
    {
        var next = Volatile.Read(ref head.Next);
        if (next is null)
        {
            if (Volatile.Read(ref _tail) == head) return null;
            var spin = default(SpinWait); // a sender is between exchange and link
            while ((next = Volatile.Read(ref head.Next)) is null) spin.SpinOnce();
        }

        var handled = head;
        head = next;
        handled.Released();
        return next;
    }

    /// <summary>
    /// Waits a microsecond for the next entry. In a stream of messages, ending the turn each time the queue runs dry costs as much as ten messages: the next
    /// one has to wake a thread.
    /// </summary>
    private static bool Linger(Envelope head)
    {
        for (var check = 0; check < LingerChecks; check++)
        {
            Thread.SpinWait(LingerSpins);
            if (Volatile.Read(ref head.Next) is not null) return true;
        }

        return false;
    }

    /// <summary>Ends the turn unless an entry has arrived meanwhile: sender and turn each write first and then read the other's write.</summary>
    private bool TryRest(Envelope head)
    {
        Interlocked.Exchange(ref _scheduled, 0);
        return Volatile.Read(ref _tail) == head || Interlocked.CompareExchange(ref _scheduled, 1, 0) != 0;
    }

    private RpcEndpoint? LiveInstance => _finished == 0 && !IsAbandoned && _endpoint is not StoppedEndpoint ? _endpoint : null;

    /// <summary>Handles everything except a successful message to a live instance; returns the instance for the next entry.</summary>
    private RpcEndpoint? HandleApart(Envelope envelope, RpcEndpoint? endpoint)
    {
        if (envelope is StepEnvelope step) step.Do(this);
        else if (endpoint is null) envelope.Refuse(_dispatcher, _self);
        return LiveInstance;
    }

    /// <summary>Handles one entry concurrently; false if the turn must wait for running handlers, and will be called again.</summary>
    private bool TryHandleBeside(ConcurrentHandlers handlers, Envelope envelope)
    {
        handlers.Held = envelope;
        if (!handlers.TryEnter(alone: envelope is StepEnvelope)) return false;
        handlers.Held = null;
        if (envelope is StepEnvelope step) step.Do(this);
        else Start(envelope);
        return true;
    }

    private void Start(Envelope envelope)
    {
        envelope.Retain();
        _scheduler.Schedule(new HandlerRun(this, envelope), preferLocal: true);
    }

    /// <summary>Handles one entry concurrently, on its own thread.</summary>
    public void HandleConcurrently(Envelope envelope)
    {
        var turn = Turn.Begin();
        var context = _context;
        context?.Enter();
        if (LiveInstance is { } endpoint) TryDeliver(envelope, endpoint);
        else envelope.Refuse(_dispatcher, _self);
        envelope.Clear();
        envelope.Released();
        if (context is not null || _context is not null) HandlerContext.Leave();
        if (_extras!.Concurrent!.Exit()) _scheduler.Schedule(this, preferLocal: false);
        turn.End();
    }

    /// <summary>Passes an entry to an instance; false if it threw and the directive of OnError was applied.</summary>
    private bool TryDeliver(Envelope envelope, RpcEndpoint endpoint)
    {
        try
        {
            envelope.Deliver(endpoint);
            return true;
        }
        catch (Exception error)
        {
            envelope.Fail(error);
            React(error);
            return false;
        }
    }

    /// <summary>The same for a message of a peer within a run of them.</summary>
    private bool TryDeliver(InboundSend sent, RpcEndpoint endpoint, ref IMessageSource? sender)
    {
        try
        {
            sent.Deliver(endpoint, ref sender);
            return true;
        }
        catch (Exception error)
        {
            RpcEndpoint.KeepSender(sender = null);
            sent.Fail(error);
            React(error);
            return false;
        }
    }
}
