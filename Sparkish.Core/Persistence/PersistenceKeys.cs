using Sparkish.Configuration;

namespace Sparkish.Persistence;

/// <summary>The keys of journals.</summary>
internal static class PersistenceKeys
{
    public static readonly ConfigEntry<long> MaxWaitingBytes = ConfigEntry.Bytes("spark.journal.maxWaitingBytes", 64L << 20,
        "The most bytes of events that wait for the store in one journal, 16m or more; an append beyond is refused.", 'b');

    public static readonly ConfigEntry<int> MaxWaitingAppends = ConfigEntry.Int("spark.journal.maxWaitingAppends", 65_536,
        "The most appends that wait for the store in one journal; one beyond is refused.", min: 1);
}
