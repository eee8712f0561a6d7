using Sparkish.Configuration;

namespace Sparkish.Serialization.Types;

/// <summary>The keys of serialization.</summary>
internal static class SerializationKeys
{
    public static readonly ConfigEntry<string> Serializer = ConfigEntry.Text("spark.serializer", "",
        "The type of the serializer of rows, as 'Namespace.Type, Assembly'; empty for Sparkish's own.");

    public static readonly ConfigEntry<string> AllowedTypes = ConfigEntry.Text("spark.serializer.allowedTypes", "",
        "Framework types that may be sent besides the usual ones: full names, or namespaces that end in '.*', separated by commas.");

    public static readonly ConfigEntry<string> DeniedTypes = ConfigEntry.Text("spark.serializer.deniedTypes", "",
        "Types that may not be sent, although they belong to the application: full names, or namespaces that end in '.*', separated by commas.");

    public static readonly ConfigEntry<int> MaxDepth = ConfigEntry.Int("spark.serializer.maxDepth", 2000,
        "Maximum nesting depth of a value that is sent or read.", min: 1, max: 100_000);

    public static readonly ConfigEntry<long> MaxSize = ConfigEntry.Bytes("spark.serializer.maxSize", 1L << 30,
        "Maximum memory of the objects of one value that is read; a number without a unit is in MiB.", 'm');
}
