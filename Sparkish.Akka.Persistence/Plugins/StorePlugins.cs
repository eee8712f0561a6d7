namespace Sparkish.Akka.Persistence.Plugins;

/// <summary>The plugins of a store.</summary>
/// <param name="Journal">Holds the records.</param>
/// <param name="Snapshots">Holds the snapshots.</param>
internal sealed record StorePlugins(JournalPlugin Journal, SnapshotPlugin Snapshots);
