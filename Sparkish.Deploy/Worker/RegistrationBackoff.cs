namespace Sparkish.Deploy.Worker;

/// <summary>
/// The schedule of a worker's registration attempts: once after a second, a few times about every ten seconds, then about every minute, up to a limit.
/// </summary>
internal static class RegistrationBackoff
{
    // Masters and workers are often started together, the worker a moment too early.
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(60);

    /// <summary>Time to wait for a reply to the last attempt.</summary>
    public static TimeSpan LastWait => Quick;

    /// <summary>The time between an attempt and the next one, or null after the last.</summary>
    /// <param name="attempt">Number of attempts so far, from 1.</param>
    /// <param name="quickAttempts">Number of attempts after which the pace slows down.</param>
    /// <param name="maxAttempts">Maximum number of attempts.</param>
    /// <param name="random">A number from 0 to 1, drawn once per worker, so that workers do not register all at once.</param>
    public static TimeSpan? DelayAfter(int attempt, int quickAttempts, int maxAttempts, double random)
    {
        if (attempt >= maxAttempts) return null;
        var pace = attempt == 1 ? First : attempt < quickAttempts ? Quick : Slow;
        return pace * (random + 0.5);
    }
}
