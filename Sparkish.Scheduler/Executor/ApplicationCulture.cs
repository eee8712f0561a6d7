using System.Globalization;
using Sparkish.Configuration;
using Sparkish.Serialization.Types;

namespace Sparkish.Executor;

/// <summary>
/// The culture in which tasks run and the culture data of executors: both follow the driver, so that a task gives the same result on every master. Stored in
/// the application's settings.
/// </summary>
internal static class ApplicationCulture
{
    private const string Invariant = "invariant";

    /// <summary>Whether this process has only the invariant culture's data.</summary>
    public static bool IsInvariantMode => CultureText.IsInvariantMode;

    /// <summary>Stores the driver's culture in the settings.</summary>
    /// <returns>The reason, for a warning, why tasks have another culture than the driver; null if they have the same.</returns>
    /// <exception cref="SparkException">The settings name a culture that does not exist.</exception>
    public static string? AddTo(SparkConf conf)
    {
        conf.Set(SchedulerKeys.InvariantGlobalization.Key, IsInvariantMode ? "true" : "false");
        if (conf.Get(SchedulerKeys.TaskCulture).Length > 0)
        {
            _ = Of(conf);
            return null;
        }

        var culture = CultureInfo.CurrentCulture;
        conf.Set(SchedulerKeys.TaskCulture.Key, culture.Name.Length == 0 ? Invariant : culture.Name);
        try
        {
            CultureText.Of(culture);
            return null;
        }
        catch (SerializationException e)
        {
            return e.Reason;
        }
    }

    /// <summary>The culture of tasks.</summary>
    /// <exception cref="SparkException">The culture does not exist.</exception>
    public static CultureInfo Of(SparkConf conf)
    {
        var name = conf.Get(SchedulerKeys.TaskCulture);
        try
        {
            return name is "" or Invariant ? CultureInfo.InvariantCulture : CultureInfo.GetCultureInfo(name, predefinedOnly: true);
        }
        catch (CultureNotFoundException e)
        {
            throw new SparkException($"{SchedulerKeys.TaskCulture.Key} is '{name}', which is not a culture: give a name such as 'de-DE', or '{Invariant}'.", e);
        }
    }

    /// <summary>Whether an application asks for executors with the invariant culture's data alone.</summary>
    public static bool WantsInvariantMode(IReadOnlyDictionary<string, string> settings) =>
        settings.GetValueOrDefault(SchedulerKeys.InvariantGlobalization.Key) is "true";
}
