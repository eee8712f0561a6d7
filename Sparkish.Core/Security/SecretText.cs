using System.Text;

namespace Sparkish.Security;

/// <summary>Parses the file or setting of a secret: one line, or two during a change, the new secret first.</summary>
internal static class SecretText
{
    /// <summary>The prefix of a client key, which distinguishes it from the cluster's secret.</summary>
    public const string ClientPrefix = "client:";

    /// <summary>Creates the credential from the text.</summary>
    /// <param name="source">The source of the text, for errors.</param>
    /// <param name="text">The text.</param>
    /// <exception cref="SparkException">The text is neither one secret nor two of a kind; the message gives the reason, and no part of the secret.</exception>
    public static Credential Parse(string source, string text)
    {
        var lines = text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length > 2)
            throw new SparkException(
                $"The secret from {source} has {lines.Length} lines but must have one, or two during a change: the new secret, then the old one.");
        if (lines.Length == 0) throw TooShort(source, "is empty");
        var secrets = lines.Select(line => Read(source, line)).ToArray();
        string[] realms = [.. lines.Select(line => RealmOf(source, line)).Distinct(StringComparer.Ordinal)];
        return realms is [var realm] ? new Credential(realm, secrets) : throw new SparkException(
            $"{source} has secrets of two realms, {realms[0]} and {realms[1]}: use two of a kind, the new one and then the old one.");
    }

    private static string RealmOf(string source, string line)
    {
        if (!line.StartsWith(ClientPrefix, StringComparison.Ordinal)) return Realms.Cluster;
        var realm = line[..line.LastIndexOf(':')];
        return Realms.IsClient(realm)
            ? realm
            : throw new SparkException($"The client key from {source} does not have the form 'client:KEY' or 'client:USER:KEY': print it again with 'sparkish secret client'.");
    }

    private static SharedSecret Read(string source, string line)
    {
        var bytes = Encoding.UTF8.GetBytes(line);
        return bytes.Length >= SharedSecret.MinBytes ? new SharedSecret(bytes) : throw TooShort(source, $"has {bytes.Length} bytes");
    }

    private static SparkException TooShort(string source, string found) => new(
        $"The secret from {source} {found} but must have at least {SharedSecret.MinBytes} that cannot be guessed: use the output of 'openssl rand -base64 32'.");
}
