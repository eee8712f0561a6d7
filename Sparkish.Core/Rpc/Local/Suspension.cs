namespace Sparkish.Rpc.Local;

/// <summary>
/// What an inbox waits for before it goes on: the task of a handler, or the pause before a restart. Its turn ends meanwhile, and no other begins. The end of
/// what is waited for may
/// come before the turn has ended, so whichever of both comes second goes on. Safe for all threads.
/// </summary>
/// <param name="inbox">The inbox.</param>
/// <param name="scheduler">Where its turns run.</param>
/// <param name="goOn">What the turn does first when it goes on.</param>
/// <param name="isPause">Whether a stop of the endpoint ends the waiting.</param>
internal sealed class Suspension(Inbox inbox, TurnScheduler scheduler, Action goOn, bool isPause)
{
    private int _resumed;
    private int _met;

    public bool IsPause => isPause;

    /// <summary>The turn wants to end; false if what it waits for is there already.</summary>
    public bool TryLeave() => Interlocked.Exchange(ref _met, 1) == 0;

    /// <summary>What was waited for is there; later calls do nothing.</summary>
    public void Resume()
    {
        if (Interlocked.Exchange(ref _resumed, 1) != 0) return;
        if (Interlocked.Exchange(ref _met, 1) != 0) scheduler.Schedule(inbox, preferLocal: false);
    }

    /// <summary>Goes on, in the turn.</summary>
    public void GoOn() => goOn();
}
