using Sparkish.Configuration;

namespace Sparkish.Persistence;

/// <summary>The keys of journals.</summary>
internal static class PersistenceKeys
{
    public static readonly ConfigEntry<long> MaxWaitingBytes = ConfigEntry.Bytes("spark.journal.maxWaitingBytes", 64L << 20,
        "Maximum size of the events that wait for the store in one journal, 16m or more; further appends are refused.", 'b');

    public static readonly ConfigEntry<int> MaxWaitingAppends = ConfigEntry.Int("spark.journal.maxWaitingAppends", 65_536,
        "Maximum number of appends that wait for the store in one journal; further ones are refused.", min: 1);
}
