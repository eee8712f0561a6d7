using Sparkish.Configuration;

namespace Sparkish.Executor;

/// <summary>
/// The settings that an executor needs before it can ask its driver for the others: those of its connections, which the application decides, and
/// whether it may bind where its worker does, which the worker decides.
/// </summary>
internal static class StartupSettings
{
    private static readonly string[] Prefixes = ["spark.rpc.", "spark.network."];

    /// <summary>What an application says.</summary>
    public static IReadOnlyDictionary<string, string> OfApplication(SparkConf conf) =>
        conf.Settings.Where(static setting => IsConnection(setting.Key)).ToDictionary(StringComparer.Ordinal);

    /// <summary>What an application says, and what a worker adds of its own.</summary>
    public static IReadOnlyDictionary<string, string> OnWorker(IReadOnlyDictionary<string, string> application, SparkConf worker)
    {
        var settings = application.Where(static setting => IsConnection(setting.Key)).ToDictionary(StringComparer.Ordinal);
        if (worker.TryGet(CoreKeys.Authenticate.Key, out var authenticate)) settings[CoreKeys.Authenticate.Key] = authenticate;
        return settings;
    }

    private static bool IsConnection(string key) => Array.Exists(Prefixes, prefix => key.StartsWith(prefix, StringComparison.Ordinal));
}
