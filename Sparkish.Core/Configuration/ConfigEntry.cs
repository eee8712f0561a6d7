using System.Globalization;

namespace Sparkish.Configuration;

/// <summary>One declared <c>spark.*</c> key: its type, default, meaning and validation. Declared once, read by components at their start.</summary>
/// <typeparam name="T">The type of a checked value.</typeparam>
public sealed class ConfigEntry<T> : IConfigEntry
{
    private readonly Func<string, T?> _parse;
    private readonly string _expected;
    private readonly Func<T, bool>? _isValid;

    internal ConfigEntry(string key, T defaultValue, string doc, string expected, Func<string, T?> parse, Func<T, bool>? isValid = null)
    {
        Key = key;
        Default = defaultValue;
        Doc = doc;
        _expected = expected;
        _parse = parse;
        _isValid = isValid;
    }

    /// <summary>The key, such as <c>spark.rpc.askTimeout</c>.</summary>
    public string Key { get; }

    /// <summary>The value if the key is not set.</summary>
    public T Default { get; }

    /// <summary>One sentence on the effect of the key.</summary>
    public string Doc { get; }

    internal T ReadFrom(SparkConf conf) => conf.TryGet(Key, out var text) ? Parse(text) : Default;

    /// <summary>Checks a text against this key.</summary>
    /// <exception cref="SparkException">The text is not a value of this key.</exception>
    public T Parse(string text)
    {
        try
        {
            var value = _parse(text.Trim());
            if (value is not null && (_isValid is null || _isValid(value))) return value;
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentOutOfRangeException)
        {
            throw Invalid(text, e);
        }

        throw Invalid(text, null);
    }

    private SparkException Invalid(string text, Exception? cause) => new($"{Key} is '{Redaction.Default.Redact(Key, text)}' but must be {_expected}.", cause);
}

/// <summary>Declares keys: one factory method for each kind of value.</summary>
public static class ConfigEntry
{
    private const string DurationExpected = "a duration such as '500ms', '20s' or '5min'";
    private const string SizeExpected = "a size such as '512k', '64m' or '1g'";
    private static readonly TimeSpan MaxTimer = TimeSpan.FromDays(49); // the limit of system timers is 49.7 days

    /// <summary>Declares a key with any text as its value.</summary>
    public static ConfigEntry<string> Text(string key, string defaultValue, string doc) => new(key, defaultValue, doc, "a text", text => text);

    /// <summary>Declares a key that is a whole number within bounds.</summary>
    public static ConfigEntry<int> Int(string key, int defaultValue, string doc, int min = 0, int max = int.MaxValue) =>
        new(key, defaultValue, doc, max == int.MaxValue ? $"a whole number of at least {min}" : $"a whole number from {min} to {max}",
            text => int.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), value => value >= min && value <= max);

    /// <summary>Declares a key that is <c>true</c> or <c>false</c>.</summary>
    public static ConfigEntry<bool> Bool(string key, bool defaultValue, string doc) =>
        new(key, defaultValue, doc, "'true' or 'false'", bool.Parse);

    /// <summary>
    /// Declares a key that is a duration of at least one millisecond and, if it sets a timer, within the limit of timers; by default in seconds.
    /// </summary>
    public static ConfigEntry<TimeSpan> PositiveDuration(string key, TimeSpan defaultValue, string doc, bool isTimer = true) =>
        new(key, defaultValue, doc, isTimer ? $"{DurationExpected}, from 1ms to 49d" : $"{DurationExpected}, of at least 1ms", ParseDuration,
            value => value >= TimeSpan.FromMilliseconds(1) && (!isTimer || value <= MaxTimer));

    /// <summary>Declares a key that is a duration or zero, by default in seconds.</summary>
    public static ConfigEntry<TimeSpan> Duration(string key, TimeSpan defaultValue, string doc) =>
        new(key, defaultValue, doc, DurationExpected, ParseDuration, value => value >= TimeSpan.Zero);

    /// <summary>Declares a key that is a number of bytes.</summary>
    /// <param name="key">The key.</param>
    /// <param name="defaultBytes">The default in bytes.</param>
    /// <param name="doc">The description of the key.</param>
    /// <param name="defaultUnit">The unit of a number without a suffix: <c>b</c>, <c>k</c>, <c>m</c> or <c>g</c>.</param>
    public static ConfigEntry<long> Bytes(string key, long defaultBytes, string doc, char defaultUnit = 'b', long min = 0) =>
        new(key, defaultBytes, doc, min == 0 ? SizeExpected : $"{SizeExpected}, of at least {FormatBytes(min)}", text => ParseBytes(text, defaultUnit),
            value => value >= min);

    /// <summary>Parses a duration in Spark's notation: a whole number and one of us, ms, s, m, min, h, d; seconds without a unit.</summary>
    /// <exception cref="FormatException">The text is not a duration.</exception>
    public static TimeSpan ParseDuration(string text)
    {
        var (number, suffix) = SplitSuffix(text);
        return suffix switch
        {
            "us" => TimeSpan.FromMicroseconds(number),
            "ms" => TimeSpan.FromMilliseconds(number),
            "" or "s" => TimeSpan.FromSeconds(number),
            "m" or "min" => TimeSpan.FromMinutes(number),
            "h" => TimeSpan.FromHours(number),
            "d" => TimeSpan.FromDays(number),
            _ => throw new FormatException($"'{suffix}' is not a unit of time."),
        };
    }

    /// <summary>Formats a duration as for keys: whole seconds, else milliseconds.</summary>
    public static string FormatDuration(TimeSpan duration) => duration.Ticks % TimeSpan.TicksPerSecond == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalSeconds}s")
        : string.Create(CultureInfo.InvariantCulture, $"{(long)duration.TotalMilliseconds}ms");

    /// <summary>Parses a size in Spark's notation: a whole number and one of b, k, kb, m, mb, g, gb, t, tb, in powers of 1,024.</summary>
    /// <exception cref="FormatException">The text is not a size.</exception>
    public static long ParseBytes(string text, char defaultUnit = 'b')
    {
        var (number, suffix) = SplitSuffix(text);
        var unit = suffix.Length == 0 ? defaultUnit : suffix[0];
        if (suffix.Length > 2 || (suffix.Length == 2 && suffix[1] != 'b')) throw new FormatException($"'{suffix}' is not a unit of size.");
        var shift = unit switch { 'b' => 0, 'k' => 10, 'm' => 20, 'g' => 30, 't' => 40, _ => throw new FormatException($"'{suffix}' is not a unit of size.") };
        return checked(number * (1L << shift));
    }

    private static string FormatBytes(long bytes) => bytes % (1L << 20) == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20}m")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes} bytes");

    private static (long Number, string Suffix) SplitSuffix(string text)
    {
        var digits = text.AsSpan().TrimEnd("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ").Length;
        return (long.Parse(text.AsSpan(0, digits), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), text[digits..].ToLowerInvariant());
    }
}
