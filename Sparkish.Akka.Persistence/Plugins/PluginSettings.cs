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
            AddSerializer((ExtendedActorSystem)system);
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

    /// <summary>
    /// Adds the serializer of stored bytes unless the settings have it. It is added to the settings, because Akka creates its serializers again from them
    /// whenever an extension adds settings of its own, as Akka.Persistence and its plugins do.
    /// </summary>
    private static void AddSerializer(ExtendedActorSystem system)
    {
        if (HasSerializer(system)) return;
        system.Settings.InjectTopLevelFallback(ConfigurationFactory.ParseString(StoredBytesSerializer.Settings));
        if (!HasSerializer(system))
        {
            throw new SparkException(
                $"Actor system '{system.Name}' would not store Sparkish's bytes as they are, for its HOCON has other serializers for them. Replace these settings "
                + $"by: {StoredBytesSerializer.Settings}");
        }
    }

    private static bool HasSerializer(ActorSystem system) => system.Serialization.FindSerializerForType(typeof(StoredBytes)) is StoredBytesSerializer;

    private static string IdOf(Config config, string given, string key)
    {
        var id = given.Length > 0 ? given : config.GetString(key, "");
        return id.Length > 0 && config.HasPath(id)
            ? id
            : throw new SparkException($"There is no plugin '{id}' for {key}: set it, and the settings of the plugin, in the HOCON of the actor system.");
    }
}
