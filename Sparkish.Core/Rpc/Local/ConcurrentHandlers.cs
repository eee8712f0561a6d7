namespace Sparkish.Rpc.Local;

/// <summary>
/// The running handlers of a concurrent endpoint. The inbox's turn requests a slot for one more handler, or exclusive use. If there is no slot, the turn ends
/// and keeps its entry; the handler that frees a slot calls the turn again. Thread-safe.
/// </summary>
internal sealed class ConcurrentHandlers(int max)
{
    private readonly Lock _lock = new();
    private int _running;
    private bool _turnWaits;

    /// <summary>The entry that the turn had taken when there was no slot. Owned by the turn.</summary>
    public Envelope? Held { get; set; }

    /// <summary>Returns the entry that the turn had taken when there was no slot.</summary>
    public Envelope? TakeHeld()
    {
        var held = Held;
        Held = null;
        return held;
    }

    /// <summary>Requests a slot for one more handler, or exclusive use for a step; false if the turn must wait.</summary>
    public bool TryEnter(bool alone)
    {
        lock (_lock)
        {
            if (_running < (alone ? 1 : max))
            {
                if (!alone) _running++;
                return true;
            }

            _turnWaits = true;
            return false;
        }
    }

    /// <summary>Called when a handler has completed; returns whether to call the turn again.</summary>
    public bool Exit()
    {
        lock (_lock)
        {
            _running--;
            var resume = _turnWaits;
            _turnWaits = false;
            return resume;
        }
    }
}

/// <summary>One handler of a concurrent endpoint on its way to a thread.</summary>
internal sealed class HandlerRun(Inbox inbox, Envelope envelope) : IThreadPoolWorkItem
{
    public void Execute() => inbox.HandleConcurrently(envelope);
}
