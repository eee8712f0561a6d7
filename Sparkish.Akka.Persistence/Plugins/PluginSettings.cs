using Akka.Actor;
using Akka.Configuration;
using Sparkish.Persistence;
using PersistenceExtension = Akka.Persistence.Persistence;

namespace Sparkish.Akka.Persistence.Plugins;

/// <summary>The plugins of an actor system: checked, and started.</summary>
internal static class PluginSettings
{
    private const string JournalKey = "akka.persistence.journal.plugin";
    private const string SnapshotKey = "akka.persistence.snapshot-store.plugin";

    /// <exception cref="SparkException">A setting does not suit.</exception>
    public static void Check(ActorSystem system, string journalId, string snapshotId)
    {
        var config = system.Settings.Config.WithFallback(PersistenceExtension.DefaultConfig());
        var journal = IdOf(config, journalId, JournalKey);
        _ = IdOf(config, snapshotId, SnapshotKey);
        var filter = config.GetString($"{journal}.replay-filter.mode", config.GetString("akka.persistence.journal-plugin-fallback.replay-filter.mode", ""));
        if (!string.Equals(filter, "off", StringComparison.OrdinalIgnoreCase))
        {
            throw new SparkException(
                $"Actor system '{system.Name}' has {journal}.replay-filter.mode = {filter}: a filter takes the events of a leader that leads again for those of a "
                + "stale one, and may drop them. Set it to off; Sparkish rejects stale writers itself.");
        }
    }

    /// <exception cref="JournalException">A plugin cannot be started.</exception>
    public static StorePlugins Start(ActorSystem system, string journalId, string snapshotId, TimeSpan silence)
    {
        var config = system.Settings.Config.WithFallback(PersistenceExtension.DefaultConfig());
        (journalId, snapshotId) = (IdOf(config, journalId, JournalKey), IdOf(config, snapshotId, SnapshotKey));
        try
        {
            var serialization = ((ExtendedActorSystem)system).Serialization;
            if (serialization.FindSerializerForType(typeof(StoredBytes)) is not StoredBytesSerializer)
            {
                var serializer = new StoredBytesSerializer((ExtendedActorSystem)system);
                serialization.AddSerializer(StoredBytesSerializer.Name, serializer);
                serialization.AddSerializationMap(typeof(StoredBytes), serializer);
            }

            var persistence = PersistenceExtension.Instance.Apply(system);
            return new StorePlugins(
                new JournalPlugin(new PluginCaller(system, persistence.JournalFor(journalId), $"journal plugin '{journalId}'", silence)),
                new SnapshotPlugin(new PluginCaller(system, persistence.SnapshotStoreFor(snapshotId), $"snapshot store '{snapshotId}'", silence)));
        }
        catch (Exception error) when (error is not SparkException)
        {
            throw new JournalException(
                $"Cannot start the plugins '{journalId}' and '{snapshotId}' of actor system '{system.Name}': {PluginCaller.ReasonOf(error)}. Check their settings, "
                + "and that the assemblies of the plugins are beside the program.", error);
        }
    }

    private static string IdOf(Config config, string given, string key)
    {
        var id = given.Length > 0 ? given : config.GetString(key, "");
        return id.Length > 0 && config.HasPath(id)
            ? id
            : throw new SparkException($"There is no plugin '{id}' for {key}: set it, and the settings of the plugin, in the HOCON of the actor system.");
    }
}
