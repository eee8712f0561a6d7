namespace Sparkish.Rpc.Local;

/// <summary>
/// The reason why an inbox is suspended: the task of a handler, or the pause before a restart. Its turn ends, and no other begins. The awaited event may occur
/// before the turn has ended, so the second of both resumes the inbox. Thread-safe.
/// </summary>
/// <param name="inbox">The inbox.</param>
/// <param name="scheduler">Runs the turns.</param>
/// <param name="goOn">The first action of the turn after it resumes.</param>
/// <param name="isPause">Whether a stop of the endpoint ends the suspension.</param>
internal sealed class Suspension(Inbox inbox, TurnScheduler scheduler, Action goOn, bool isPause)
{
    private int _resumed;
    private int _met;

    public bool IsPause => isPause;

    /// <summary>Called when the turn wants to end; false if the awaited event has already occurred.</summary>
    public bool TryLeave() => Interlocked.Exchange(ref _met, 1) == 0;

    /// <summary>Called when the awaited event has occurred; later calls do nothing.</summary>
    public void Resume()
    {
        if (Interlocked.Exchange(ref _resumed, 1) != 0) return;
        if (Interlocked.Exchange(ref _met, 1) != 0) scheduler.Schedule(inbox, preferLocal: false);
    }

    /// <summary>Resumes, within the turn.</summary>
    public void GoOn() => goOn();
}
