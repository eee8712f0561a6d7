using System.Globalization;
using Sparkish.Configuration;
using Sparkish.Serialization.Types;

namespace Sparkish.Executor;

/// <summary>
/// The culture in which tasks run and the data that executors have of cultures: both follow the driver, so that a task does the same on every master.
/// Kept in the application's settings.
/// </summary>
internal static class ApplicationCulture
{
    private const string Invariant = "invariant";

    /// <summary>Whether this process has the invariant culture's data alone.</summary>
    public static bool IsInvariantMode => CultureText.IsInvariantMode;

    /// <summary>Notes what the driver has.</summary>
    /// <returns>Why tasks have another culture than the driver's, for a warning; null where they have the same.</returns>
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
    /// <exception cref="SparkException">There is no such culture.</exception>
    public static CultureInfo Of(SparkConf conf)
    {
        var name = conf.Get(SchedulerKeys.TaskCulture);
        try
        {
            return name is "" or Invariant ? CultureInfo.InvariantCulture : CultureInfo.GetCultureInfo(name, predefinedOnly: true);
        }
        catch (CultureNotFoundException e)
        {
            throw new SparkException($"{SchedulerKeys.TaskCulture.Key} is '{name}', which is no culture: give a name such as 'de-DE', or '{Invariant}'.", e);
        }
    }

    /// <summary>Whether an application asks for executors with the invariant culture's data alone.</summary>
    public static bool WantsInvariantMode(IReadOnlyDictionary<string, string> settings) =>
        settings.GetValueOrDefault(SchedulerKeys.InvariantGlobalization.Key) is "true";
}
