using System.Globalization;

namespace Sparkish.Benchmarks.Workloads;

/// <summary>The <c>key=value</c> settings of one workload, by the names that the peer's program has.</summary>
internal sealed class WorkloadSettings
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <summary>Reads settings; of a key that is given twice the last value holds.</summary>
    /// <exception cref="SparkException">A setting is not of the form <c>key=value</c>.</exception>
    public WorkloadSettings(IEnumerable<string> settings)
    {
        foreach (var setting in settings)
        {
            var equals = setting.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new SparkException($"'{setting}' is no setting: write it as key=value, such as parts=4.");
            _values[setting[..equals]] = setting[(equals + 1)..];
        }
    }

    public string Text(string key, string defaultValue) => _values.GetValueOrDefault(key, defaultValue);

    /// <summary>The whole number of a key, or its default.</summary>
    /// <exception cref="SparkException">The value is not a whole number of at least <paramref name="min"/>.</exception>
    public int Number(string key, int defaultValue, int min = 1)
    {
        if (!_values.TryGetValue(key, out var text)) return defaultValue;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min) return number;
        throw new SparkException($"{key} is '{text}' but must be a whole number of at least {min}.");
    }
}
