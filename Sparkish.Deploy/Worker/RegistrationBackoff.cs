namespace Sparkish.Deploy.Worker;

/// <summary>
/// When a worker tries again to register: once after a second, a few times about every ten seconds, then about every minute, until it gives up.
/// </summary>
internal static class RegistrationBackoff
{
    // Masters and workers are often started together, the worker a moment too early.
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Quick = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(60);

    /// <summary>How long to wait for an answer to the last try.</summary>
    public static TimeSpan LastWait => Quick;

    /// <summary>The time between a try and the next one, or null after the last.</summary>
    /// <param name="attempt">How many tries were made, from 1.</param>
    /// <param name="quickAttempts">After how many tries the pace slows down.</param>
    /// <param name="maxAttempts">How many tries there are.</param>
    /// <param name="random">A number from 0 to 1, drawn once per worker, so that workers do not come all at once.</param>
    public static TimeSpan? DelayAfter(int attempt, int quickAttempts, int maxAttempts, double random)
    {
        if (attempt >= maxAttempts) return null;
        var pace = attempt == 1 ? First : attempt < quickAttempts ? Quick : Slow;
        return pace * (random + 0.5);
    }
}
