using Sparkish.Configuration;

namespace Sparkish.Executor;

/// <summary>
/// The settings that an executor needs before it can ask its driver for the others: those of its connections, of what may come over them and
/// of its cultures, which the application decides, and what its
/// certificates are and where it may bind, which the worker decides. No credential is among them: they stand on command lines and cross the wire, and an
/// executor gets credentials through its standard input. The cluster's secret it does not get at all.
/// </summary>
internal static class StartupSettings
{
    private const string MastersOwn = "spark.deploy."; // among it the passwords of its stores
    private const string Encryption = "spark.ssl.";
    private static readonly string[] Prefixes = ["spark.rpc.", "spark.network.", "spark.serializer.", SchedulerKeys.InvariantGlobalization.Key];

    /// <summary>What an application says.</summary>
    public static IReadOnlyDictionary<string, string> OfApplication(SparkConf conf) =>
        conf.Settings.Where(static setting => IsConnection(setting.Key)).ToDictionary(StringComparer.Ordinal);

    /// <summary>What an application says, and what a worker adds of its own: the files of certificates and secrets are those of its machine.</summary>
    public static IReadOnlyDictionary<string, string> OnWorker(IReadOnlyDictionary<string, string> application, SparkConf worker)
    {
        var settings = application.Where(static setting => IsConnection(setting.Key)).ToDictionary(StringComparer.Ordinal);
        foreach (var (key, value) in worker.Settings)
        {
            // executors have directories of their own
            if (IsOfWorker(key, value) && !SecurityKeys.IsCredential(key)) settings[key] = SecurityKeys.IsFile(key) ? Path.GetFullPath(value) : value;
        }

        return settings;
    }

    /// <summary>What a driver tells its executors once they have proven themselves: all but the credentials, which they have.</summary>
    public static IReadOnlyDictionary<string, string> WithoutCredentials(SparkConf conf) =>
        conf.Settings.Where(static setting => !SecurityKeys.IsCredential(setting.Key) && !setting.Key.StartsWith(MastersOwn, StringComparison.Ordinal))
            .ToDictionary(StringComparer.Ordinal);

    private static bool IsConnection(string key) => Array.Exists(Prefixes, prefix => key.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Of authentication only that it is off matters, for an executor may then bind beyond its machine without encryption.</summary>
    private static bool IsOfWorker(string key, string value) =>
        key.StartsWith(Encryption, StringComparison.Ordinal) || (key == CoreKeys.Authenticate.Key && bool.TryParse(value, out var isOn) && !isOn);
}
