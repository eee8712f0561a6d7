namespace Sparkish.Deploy.Master;

/// <summary>The answer of a master that does not lead yet. Submission clients recognize its beginning, and ask another master.</summary>
internal static class NotAlive
{
    public const string Prefix = "Current state is not alive";

    /// <param name="status">The state of the master.</param>
    /// <param name="what">What only a leader does.</param>
    public static string Text(MasterStatus status, string what) => $"{Prefix}: {status.ToString().ToUpperInvariant()}. Can only {what} in ALIVE state.";
}
