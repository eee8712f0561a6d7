namespace Sparkish.Rpc;

/// <summary>
/// Limit of an endpoint's restarts: at most <paramref name="MaxRestarts"/> within any <paramref name="Within"/>; one more stops the endpoint.
/// </summary>
public sealed record RestartLimit(int MaxRestarts, TimeSpan Within)
{
    /// <summary>Maximum number of restarts within the time; zero stops the endpoint at its first error.</summary>
    public int MaxRestarts { get; init; } = MaxRestarts >= 0
        ? MaxRestarts
        : throw new ArgumentOutOfRangeException(nameof(MaxRestarts), MaxRestarts, "The number of restarts must be zero or more.");

    /// <summary>The time that restarts are counted in.</summary>
    public TimeSpan Within { get; init; } = Within > TimeSpan.Zero
        ? Within
        : throw new ArgumentOutOfRangeException(nameof(Within), Within, "The time within which restarts are counted must be positive.");

    /// <summary>Ten restarts within a minute, without pauses.</summary>
    public static RestartLimit Default { get; } = new(10, TimeSpan.FromMinutes(1));

    /// <summary>
    /// The pause before a restart; it doubles with each further restart within <see cref="Within"/>. Meanwhile messages wait in the inbox; a stop ends the
    /// pause. Zero, the default, restarts at once.
    /// </summary>
    public TimeSpan MinBackoff
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            field = value;
        }
    }

    /// <summary>The longest pause before a restart, without its jitter, but at least <see cref="MinBackoff"/>; half a minute unless given.</summary>
    public TimeSpan MaxBackoff
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            field = value;
        }
    } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The maximum random addition to a pause as a fraction of it, from 0 to 1; a fifth unless given. Without it, endpoints that failed together would restart
    /// together.
    /// </summary>
    public double Jitter
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 1);
            field = value;
        }
    } = 0.2;

    /// <summary>The pause before a restart.</summary>
    /// <param name="earlier">Number of earlier restarts within the window.</param>
    /// <param name="random">A number from 0 to 1 for the jitter.</param>
    /// <param name="failure">The error before the restart: an outage causes a pause even if none is configured.</param>
    internal TimeSpan PauseAfter(int earlier, double random, Exception? failure = null)
    {
        var min = failure is IOutage outage && outage.MinBackoff > MinBackoff ? outage.MinBackoff : MinBackoff;
        if (min == TimeSpan.Zero) return TimeSpan.Zero;
        var pause = Math.Min(min.TotalSeconds * Math.Pow(2, earlier), Math.Max(min.TotalSeconds, Math.Max(MinBackoff.TotalSeconds, MaxBackoff.TotalSeconds)));
        return TimeSpan.FromSeconds(Math.Min(pause * (1 + (Jitter * random)), TimeSpan.FromDays(36_500).TotalSeconds));
    }
}
