namespace Sparkish.Rpc.Local;

/// <summary>
/// The handlers of a concurrent endpoint that run at this moment. The inbox's turn asks for room for one more, or to be alone; when no room is left it
/// ends, keeps what it had taken, and is called again by the handler that makes room. Safe for all threads.
/// </summary>
internal sealed class ConcurrentHandlers(int max)
{
    private readonly Lock _lock = new();
    private int _running;
    private bool _turnWaits;

    /// <summary>What the turn had taken when there was no room. The turn's own.</summary>
    public Envelope? Held { get; set; }

    /// <summary>Takes back what the turn had taken when there was no room.</summary>
    public Envelope? TakeHeld()
    {
        var held = Held;
        Held = null;
        return held;
    }

    /// <summary>Room for one more handler, or for none beside a step; false if the turn must wait.</summary>
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

    /// <summary>A handler has ended; whether the turn is to be called again.</summary>
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
