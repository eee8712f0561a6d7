namespace Sparkish.Rpc;

/// <summary>
/// How often an endpoint may be restarted: at most <paramref name="MaxRestarts"/> times within any <paramref name="Within"/>; one more stops it.
/// </summary>
public sealed record RestartLimit(int MaxRestarts, TimeSpan Within)
{
    /// <summary>How many restarts there may be within the time; zero stops the endpoint at its first error.</summary>
    public int MaxRestarts { get; init; } = MaxRestarts >= 0
        ? MaxRestarts
        : throw new ArgumentOutOfRangeException(nameof(MaxRestarts), MaxRestarts, "A number of restarts is zero or more.");

    /// <summary>The time that restarts are counted in.</summary>
    public TimeSpan Within { get; init; } = Within > TimeSpan.Zero
        ? Within
        : throw new ArgumentOutOfRangeException(nameof(Within), Within, "Restarts are counted within a time that is longer than zero.");

    /// <summary>Ten restarts within a minute, each at once.</summary>
    public static RestartLimit Default { get; } = new(10, TimeSpan.FromMinutes(1));

    /// <summary>
    /// The pause before a restart; twice as long for each further one within <see cref="Within"/>. Meanwhile messages wait in the inbox; a stop ends the pause.
    /// Zero, the default, restarts at once.
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

    /// <summary>The longest pause before a restart, without its jitter, though not shorter than <see cref="MinBackoff"/>; half a minute unless given.</summary>
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
    /// The largest part of a pause that is added to it at random, from 0 to 1, so that endpoints which failed together do not come back together; a fifth
    /// unless given.
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
    /// <param name="earlier">How many restarts within the window came before.</param>
    /// <param name="random">A number from 0 to 1 for the jitter.</param>
    /// <param name="failure">The error before it: an outage makes a pause also where none was asked for.</param>
    internal TimeSpan PauseAfter(int earlier, double random, Exception? failure = null)
    {
        var min = failure is IOutage outage && outage.MinBackoff > MinBackoff ? outage.MinBackoff : MinBackoff;
        if (min == TimeSpan.Zero) return TimeSpan.Zero;
        var pause = Math.Min(min.TotalSeconds * Math.Pow(2, earlier), Math.Max(min.TotalSeconds, Math.Max(MinBackoff.TotalSeconds, MaxBackoff.TotalSeconds)));
        return TimeSpan.FromSeconds(Math.Min(pause * (1 + (Jitter * random)), TimeSpan.FromDays(36_500).TotalSeconds));
    }
}
