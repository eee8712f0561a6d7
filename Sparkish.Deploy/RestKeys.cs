using Sparkish.Configuration;

namespace Sparkish.Deploy;

/// <summary>The keys of Spark's REST submission protocol on a master.</summary>
internal static class RestKeys
{
    /// <summary>The filter of Spark that checks signed tokens.</summary>
    public const string JwsFilter = "org.apache.spark.ui.JWSFilter";

    /// <summary>The environment variable that holds the key of <see cref="JwsFilter"/>.</summary>
    public const string JwsKeyVariable = "SPARK_MASTER_REST_JWS_KEY";

    public static readonly ConfigEntry<bool> Enabled = ConfigEntry.Bool("spark.master.rest.enabled", false,
        "Whether a master takes submissions of drivers over HTTP, too, by Spark's REST protocol.");

    public static readonly ConfigEntry<string> Host = ConfigEntry.Text("spark.master.rest.host", "127.0.0.1",
        "Address on which a master takes submissions over HTTP. Beyond loopback it needs certificates and authentication.");

    public static readonly ConfigEntry<int> Port = ConfigEntry.Int("spark.master.rest.port", 6066,
        "Port on which a master takes submissions over HTTP; 0 lets the system choose.", max: ushort.MaxValue);

    public static readonly ConfigEntry<string> Filters = ConfigEntry.Text("spark.master.rest.filters", "",
        "Filters of the submissions over HTTP: 'org.apache.spark.ui.JWSFilter', which accepts tokens that are signed with a key of your own, or none.");

    public static readonly ConfigEntry<string> JwsKey = ConfigEntry.Text($"spark.{JwsFilter}.param.secretKey", "",
        "Key that signs the tokens for org.apache.spark.ui.JWSFilter: at least 32 bytes, as base64url. Prefer a file or an environment variable.");

    public static readonly ConfigEntry<string> JwsKeyFile = ConfigEntry.Text($"{JwsKey.Key}.file", "",
        "The file that holds the key of org.apache.spark.ui.JWSFilter; surrounding white space is ignored.");
}
