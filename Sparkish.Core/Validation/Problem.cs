using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using Sparkish.Diagnostics;
using Sparkish.Rpc;

namespace Sparkish.Validation;

/// <summary>
/// The problem of a value from a peer, as the end of a sentence for the peer and the log; null if the value is valid. Parts of the value that could harm a log
/// are not repeated.
/// </summary>
internal static class Problem
{
    /// <summary>Maximum length of the name of a host, a user or an object.</summary>
    public const int MaxName = 256;

    /// <summary>The length of the longest message for people.</summary>
    public const int MaxMessage = 8192;

    private const int MaxIdTail = 100;
    private const int MaxPort = 65535;
    private const int MaxShown = 64;

    private static readonly SearchValues<char> IdChars = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.:-");
    private static readonly SearchValues<char> KeyChars = SearchValues.Create("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-");

    /// <summary>Checks a text for people: present, of a bounded length, and without control characters.</summary>
    public static string? OfText(string? value, int maxChars, [CallerArgumentExpression(nameof(value))] string field = "")
    {
        if (value is null) return $"{Name(field)} is missing";
        if (value.Length > maxChars) return $"{Name(field)} has {Number(value.Length)} characters, more than {Number(maxChars)}";
        return LogText.IsPlain(value) ? null : $"{Name(field)} has control characters";
    }

    /// <summary>The same, or nothing.</summary>
    public static string? OfTextOrNull(string? value, int maxChars, [CallerArgumentExpression(nameof(value))] string field = "") =>
        value is null ? null : OfText(value, maxChars, field);

    /// <summary>Checks an id such as <c>app-20260102030405-0000</c>, which becomes part of paths, URLs and log lines.</summary>
    public static string? OfId(string? value, string prefix, [CallerArgumentExpression(nameof(value))] string field = "")
    {
        if (value is null) return $"{Name(field)} is missing";
        var isId = value.StartsWith(prefix, StringComparison.Ordinal) && value.Length > prefix.Length && value.Length <= prefix.Length + MaxIdTail
            && !value.AsSpan(prefix.Length).ContainsAnyExcept(IdChars);
        return isId ? null : $"{Name(field)} is '{Shown(value)}' but must be '{prefix}' and 1 to {MaxIdTail} letters, digits, dots, colons or hyphens";
    }

    /// <summary>A key of a setting.</summary>
    public static string? OfKey(string value) =>
        value.StartsWith("spark.", StringComparison.Ordinal) && value.Length <= MaxName && !value.AsSpan().ContainsAnyExcept(KeyChars)
            ? null
            : $"'{Shown(value)}' is not a key of a setting";

    /// <summary>A number within bounds.</summary>
    public static string? OfNumber(long value, long min, long max, [CallerArgumentExpression(nameof(value))] string field = "") =>
        value >= min && value <= max ? null : $"{Name(field)} is {Number(value)} but must be from {Number(min)} to {Number(max)}";

    /// <summary>The number of parts of a collection.</summary>
    public static string? OfCount(int? value, int max, [CallerArgumentExpression(nameof(value))] string field = "") => value switch
    {
        null => $"{Name(field)} is missing",
        _ when value > max => $"{Name(field)} is {Number(value.Value)}, more than {Number(max)}",
        _ => null,
    };

    /// <summary>A value of an enumeration.</summary>
    public static string? OfEnum<T>(T value, [CallerArgumentExpression(nameof(value))] string field = "")
        where T : struct, Enum => Enum.IsDefined(value) ? null : $"{Name(field)} is unknown";

    /// <summary>An address; the port is 0 for an env that does not listen.</summary>
    public static string? OfAddress(RpcAddress value, [CallerArgumentExpression(nameof(value))] string field = "") =>
        OfText(value.Host, MaxName, field) ?? OfNumber(value.Port, 0, MaxPort, field);

    /// <summary>The URL of an endpoint, <c>spark://endpoint@host:port</c>.</summary>
    public static string? OfEndpointUrl(string? value, int maxChars, [CallerArgumentExpression(nameof(value))] string field = "") =>
        OfText(value, maxChars, field)
        ?? (RpcEndpointAddress.TryParse(value!, out _) ? null : $"{Name(field)} is '{Shown(value!)}' but must be spark://endpoint@host:port");

    /// <summary>Checks that a ref is present; its host and name were validated when it was read.</summary>
    public static string? OfRef(RpcEndpointRef? value, [CallerArgumentExpression(nameof(value))] string field = "") =>
        value is null ? $"{Name(field)} is missing" : null;

    /// <summary>Checks that a part is present.</summary>
    public static string? OfPart(object? value, [CallerArgumentExpression(nameof(value))] string field = "") =>
        value is null ? $"{Name(field)} is missing" : null;

    private static string Name(string field)
    {
        var first = field.IndexOf('.', StringComparison.Ordinal);
        return first < 0 ? field : field[(first + 1)..].Replace("?", "", StringComparison.Ordinal);
    }

    private static string Shown(string value) => LogText.Shorten(value, MaxShown);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
