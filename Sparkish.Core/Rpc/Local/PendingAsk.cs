namespace Sparkish.Rpc.Local;

/// <summary>
/// An ask from the caller's point of view: it waits for its outcome (reply, failure, timeout or cancellation, whichever comes first). For a local receiver it
/// is also the envelope in the inbox and the call that is replied to, so that an ask allocates nothing. Objects are pooled; the number of the use distinguishes
/// a reply to this ask from a late reply to an earlier one. Thread-safe.
/// </summary>
internal abstract class PendingAsk : AskEnvelope, IThreadPoolWorkItem
{
    // _state: the number of the use in the upper bits, these in the lower ones.
    private const int Answered = 1;
    private const int Ended = 2;
    private const int UseShift = 2;

    private int _state;
    private IAskKeeper? _keeper;
    private long _keptAs;
    private AskTimeout _timeout;
    private CancellationTokenRegistration _cancellation;

    /// <summary>Identifies the use of the object.</summary>
    public int Use => Volatile.Read(ref _state) >> UseShift;

    /// <summary>The receiver of the ask.</summary>
    public abstract RpcEndpointRef Receiver { get; }

    /// <summary>The expected type of the reply; any unless given.</summary>
    public virtual Type ReplyType => typeof(object);

    /// <summary>Links and data of <see cref="DeadlineQueue"/>, which owns them.</summary>
    public DeadlineQueue.Entry DeadlineEntry;

    protected override int Token => Use;

    public sealed override void Reply(int token, object? response)
    {
        if (!TryAnswer(token, out var inTime)) throw AnsweredBefore();
        if (!inTime) ReportLate(response);
        Conclude(inTime, response, null);
    }

    public sealed override void SendFailure(int token, Exception error)
    {
        if (!TryAnswer(token, out var inTime)) throw AnsweredBefore();
        if (!inTime) ReportLate(error);
        Conclude(inTime, null, error);
    }

    public sealed override void TrySendFailure(Exception error)
    {
        if (TryAnswer(Use, out var inTime)) Conclude(inTime, null, error);
    }

    /// <summary>Registers the table of a remote ask, so that other outcomes remove the ask from it.</summary>
    public void KeepAt(IAskKeeper keeper, long id, int use)
    {
        _keptAs = id;
        _keeper = keeper;
        var state = Volatile.Read(ref _state);
        if (state >> UseShift != use || (state & Ended) != 0) keeper.Forget(id); // cancelled before it was registered
    }

    /// <summary>The reply of a peer; an ask that has ended or is reused is left alone.</summary>
    public void Answer(int use, object? response, Exception? error)
    {
        if (!TryAnswer(use, out var inTime)) return;
        if (!inTime && error is null) ReportLate(response);
        Conclude(inTime, response, error);
    }

    /// <summary>Called when the ask reached no inbox.</summary>
    public void NotPosted(Exception error)
    {
        TrySendFailure(error);
        Released();
    }

    /// <summary>The time is up.</summary>
    public void Expire(int use)
    {
        if (TryEnd(use)) EndWith(_timeout.Expired(new RpcEndpointAddress(Receiver.Address, Receiver.Name)), AskOutcome.TimedOut);
    }

    /// <summary>Called when the caller no longer waits for a reply.</summary>
    public void GiveUp(int use, Exception error)
    {
        if (TryEnd(use)) EndWith(error, AskOutcome.Failed);
    }

    /// <summary>Runs the asker's continuation.</summary>
    public abstract void Execute();

    /// <summary>Stores the outcome and schedules the continuation.</summary>
    protected abstract void SetOutcome(object? response, Exception? error);

    protected abstract void SetCanceled(CancellationToken token);

    /// <summary>Called when an endpoint of this env replied after the ask had ended.</summary>
    protected virtual void ReportLate(object? answer) => (Receiver.Env as NodeRpcEnv)?.Dispatcher.ReportLateReply(answer, Receiver.Address);

    /// <summary>Called when the replying side no longer touches this use.</summary>
    protected abstract void ReleaseAnswer();

    /// <summary>Arms timeout and cancellation.</summary>
    protected void Arm(Deadlines deadlines, AskTimeout timeout, CancellationToken cancellationToken)
    {
        _timeout = timeout;
        deadlines.Add(this, timeout.Duration);
        if (cancellationToken.CanBeCanceled)
            _cancellation = cancellationToken.UnsafeRegister(static (state, token) => ((PendingAsk)state!).Cancel(token), this);
    }

    protected void Disarm()
    {
        DeadlineEntry.Queue?.Remove(this);
        _cancellation.Unregister();
    }

    /// <summary>Begins the next use.</summary>
    protected void Renew()
    {
        Next = null;
        _keeper = null;
        _cancellation = default;
        Volatile.Write(ref _state, (Use + 1) << UseShift);
    }

    private void EndWith(Exception error, AskOutcome outcome)
    {
        Count(outcome);
        _keeper?.Forget(_keptAs);
        SetOutcome(null, error);
    }

    private void Cancel(CancellationToken token)
    {
        if (!TryEnd(Use)) return; // an ask that can be cancelled is not pooled
        _keeper?.Forget(_keptAs);
        Count(AskOutcome.Cancelled);
        SetCanceled(token);
    }

    private void Conclude(bool inTime, object? response, Exception? error)
    {
        if (inTime)
        {
            Count(error is null ? AskOutcome.Completed : AskOutcome.Failed);
            SetOutcome(response, error);
        }

        ReleaseAnswer();
    }

    /// <summary>Counts the outcome before the caller continues, since the object may then be reused.</summary>
    private void Count(AskOutcome outcome)
    {
        if (RpcMeter.CountsAsks) RpcMeter.CountAsk(Receiver.Env.Name, outcome);
    }

    private bool TryAnswer(int use, out bool inTime)
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            inTime = (state & Ended) == 0;
            if (state >> UseShift != use || (state & Answered) != 0) return false;
            if (Interlocked.CompareExchange(ref _state, state | Answered | Ended, state) == state) return true;
        }
    }

    private bool TryEnd(int use)
    {
        while (true)
        {
            var state = Volatile.Read(ref _state);
            if (state >> UseShift != use || (state & Ended) != 0) return false;
            if (Interlocked.CompareExchange(ref _state, state | Ended, state) == state) return true;
        }
    }
}

/// <summary>Keeps remote asks until they complete.</summary>
internal interface IAskKeeper
{
    /// <summary>Called when the ask has ended without a reply.</summary>
    void Forget(long id);
}
