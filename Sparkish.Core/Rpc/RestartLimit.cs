namespace Sparkish.Rpc;

/// <summary>
/// How often an endpoint may be restarted: at most <paramref name="MaxRestarts"/> times within any <paramref name="Within"/>; one more stops it.
/// </summary>
public sealed record RestartLimit(int MaxRestarts, TimeSpan Within)
{
    /// <summary>Ten restarts within a minute.</summary>
    public static RestartLimit Default { get; } = new(10, TimeSpan.FromMinutes(1));
}
