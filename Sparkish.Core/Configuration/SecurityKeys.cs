namespace Sparkish.Configuration;

/// <summary>The keys of authentication and encryption.</summary>
internal static class SecurityKeys
{
    public static readonly ConfigEntry<int> MaxHandshakes = ConfigEntry.Int("spark.rpc.io.maxHandshakes", 256,
        "How many connections may be in their handshake at once; beyond it the next are accepted when one of them is done or times out.", min: 1);
}
