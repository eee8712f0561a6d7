namespace Sparkish.Security;

/// <summary>Settings as people may see them.</summary>
internal static class Redaction
{
    /// <summary>What stands for a value that is not shown.</summary>
    public const string Replacement = "*********(redacted)";

    private static readonly string[] Words = ["secret", "password", "token", "access.key", "accesskey", "privatekeypassword"];

    /// <summary>Whether the value of a key is to be kept from logs, pages and listings, as Spark's <c>spark.redaction.regex</c> has it.</summary>
    public static bool IsSensitive(string key) =>
        // A file's name is no secret, and is wanted in every error about it.
        !key.EndsWith(".file", StringComparison.OrdinalIgnoreCase) && Array.Exists(Words, word => key.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>The value of a key as people may see it.</summary>
    public static string Redact(string key, string value) => IsSensitive(key) ? Replacement : value;
}
