using Sparkish.Persistence;

namespace Sparkish.Akka.Persistence;

/// <summary>How a store uses the plugins of an actor system.</summary>
public sealed record AkkaJournalOptions
{
    /// <summary>Begins the persistence ids: <c>PREFIX/journal/NAME</c>. Stores with equal prefixes in one database hold the same journals.</summary>
    public string Prefix { get; init; } = "sparkish";

    /// <summary>The journal plugin, such as <c>akka.persistence.journal.sql</c>; empty for that of <c>akka.persistence.journal.plugin</c>.</summary>
    public string JournalPluginId { get; init; } = "";

    /// <summary>
    /// The snapshot store, such as <c>akka.persistence.snapshot-store.sql</c>; empty for that of <c>akka.persistence.snapshot-store.plugin</c>.
    /// </summary>
    public string SnapshotPluginId { get; init; } = "";

    /// <summary>Longest silence of a plugin before a call counts as failed; 30 seconds unless set.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Limits of the appends that wait for the plugin in one journal.</summary>
    public AppendLimits Limits { get; init; } = AppendLimits.Default;
}
