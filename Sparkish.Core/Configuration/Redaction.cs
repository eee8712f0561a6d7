using System.Text.RegularExpressions;

namespace Sparkish.Configuration;

/// <summary>Redacts settings for display: in logs, errors, pages, listings and files of events.</summary>
internal sealed partial class Redaction
{
    /// <summary>The replacement of a hidden value.</summary>
    public const string Replacement = "*********(redacted)";

    private static readonly TimeSpan MatchTime = TimeSpan.FromSeconds(1);

    private readonly Regex _sensitive;

    private Redaction(string pattern) => _sensitive = new Regex(pattern, RegexOptions.CultureInvariant, MatchTime);

    /// <summary>By Spark's default pattern.</summary>
    public static Redaction Default { get; } = new(CoreKeys.RedactionRegex.Default);

    /// <summary>By the pattern of a configuration.</summary>
    /// <exception cref="SparkException">The pattern is not a regular expression.</exception>
    public static Redaction From(SparkConf conf)
    {
        if (!conf.Contains(CoreKeys.RedactionRegex.Key)) return Default;
        var pattern = conf.Get(CoreKeys.RedactionRegex);
        try
        {
            return new Redaction(pattern);
        }
        catch (ArgumentException error)
        {
            throw new SparkException($"{CoreKeys.RedactionRegex.Key} is '{pattern}' but must be a regular expression: {error.Message}", error);
        }
    }

    /// <summary>Whether the value of a key is never shown.</summary>
    public bool IsSensitive(string key) =>
        // A file's name is not secret, and every error about the file needs it.
        !key.EndsWith(".file", StringComparison.OrdinalIgnoreCase)
            && (_sensitive.IsMatch(key) || key.EndsWith(".credentials", StringComparison.OrdinalIgnoreCase));

    /// <summary>Redacts the value of a key. As in Spark, a value that matches is hidden too; a URL loses only its password.</summary>
    public string Redact(string key, string value)
    {
        if (IsSensitive(key)) return Replacement;
        var isFile = key.EndsWith(".file", StringComparison.OrdinalIgnoreCase);
        return isFile || !_sensitive.IsMatch(Replace(value, "", "")) ? OfText(value) : Replacement;
    }

    /// <summary>Redacts all settings.</summary>
    public IEnumerable<KeyValuePair<string, string>> Redact(IEnumerable<KeyValuePair<string, string>> settings) =>
        settings.Select(setting => new KeyValuePair<string, string>(setting.Key, Redact(setting.Key, setting.Value)));

    /// <summary>A text without the passwords of URLs (<c>scheme://user:password@host</c>) and connections (<c>Password=…;</c>) in it.</summary>
    public static string OfText(string text) => Replace(text, $"${{before}}{Replacement}@", $"${{before}}{Replacement}");

    private static string Replace(string text, string urlPassword, string connectionPassword) =>
        ConnectionPassword().Replace(UrlPassword().Replace(text, urlPassword), connectionPassword);

    [GeneratedRegex("(?<before>\\b[A-Za-z][A-Za-z0-9+.-]*://[^/?#\\s:@]*:)[^/?#\\s@]+@",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex UrlPassword();

    [GeneratedRegex("(?<before>\\b(?:password|pwd|passwd|sslpassword|ssl password)\\s*=\\s*)(?:\"[^\"]*\"|'[^']*'|[^;&\\s]+)",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ConnectionPassword();
}
