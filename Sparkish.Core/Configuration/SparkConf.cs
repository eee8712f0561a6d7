using System.Diagnostics.CodeAnalysis;
using Sparkish.Configuration;

namespace Sparkish;

/// <summary>
/// The settings of an application or a daemon: <c>spark.*</c> keys and their texts, as in Spark. Values are validated when they are read through a
/// <see cref="ConfigEntry{T}"/>, which components do once, at their start. Not safe for concurrent writers; a running context works on a copy.
/// </summary>
public sealed class SparkConf
{
    private readonly SortedDictionary<string, string> _settings = new(StringComparer.Ordinal);

    /// <summary>Creates an empty configuration, or one with the settings passed to <c>sparkish submit</c>.</summary>
    /// <exception cref="SparkException">The settings that <c>sparkish submit</c> has passed cannot be read.</exception>
    /// <param name="loadDefaults">Whether to include the settings of <c>sparkish submit</c>; settings made in code override them.</param>
    public SparkConf(bool loadDefaults = true)
    {
        if (loadDefaults) SetAll(SubmittedSettings.Read());
    }

    private SparkConf(SparkConf other) => SetAll(other._settings);

    /// <summary>All settings in the order of their keys.</summary>
    public IReadOnlyDictionary<string, string> Settings => _settings;

    /// <summary>Sets the master URL, such as <c>local[2]</c>, <c>local-cluster[2,1,1024]</c> or <c>spark://host:7077</c>.</summary>
    public SparkConf SetMaster(string master) => Set(CoreKeys.Master.Key, master);

    /// <summary>Sets the application's name, for display.</summary>
    public SparkConf SetAppName(string name) => Set(CoreKeys.AppName.Key, name);

    /// <summary>Sets one key.</summary>
    /// <exception cref="ArgumentException">The key is empty.</exception>
    public SparkConf Set(string key, string value)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        ArgumentNullException.ThrowIfNull(value);
        _settings[key] = value;
        return this;
    }

    /// <summary>Sets one key unless it has a value already.</summary>
    public SparkConf SetIfMissing(string key, string value) => Contains(key) ? this : Set(key, value);

    /// <summary>Sets many keys; later ones win.</summary>
    public SparkConf SetAll(IEnumerable<KeyValuePair<string, string>> settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        foreach (var (key, value) in settings) Set(key, value);
        return this;
    }

    /// <summary>Removes a key, so that its default applies again.</summary>
    public SparkConf Remove(string key)
    {
        _settings.Remove(key);
        return this;
    }

    /// <summary>Whether the key was set.</summary>
    public bool Contains(string key) => _settings.ContainsKey(key);

    /// <summary>The text of a key, if it was set.</summary>
    public bool TryGet(string key, [NotNullWhen(true)] out string? value) => _settings.TryGetValue(key, out value);

    /// <summary>The text of a key.</summary>
    /// <exception cref="KeyNotFoundException">The key was not set.</exception>
    public string Get(string key) => TryGet(key, out var value) ? value : throw new KeyNotFoundException($"{key} is not set.");

    /// <summary>The checked value of a declared key, or its default.</summary>
    /// <exception cref="SparkException">The text is not a value of this key; the message names key, text and the expected form.</exception>
    public T Get<T>(ConfigEntry<T> entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry.ReadFrom(this);
    }

    /// <summary>Returns an independent copy.</summary>
    public SparkConf Clone() => new(this);
}
