using Sparkish.Configuration;

namespace Sparkish.Executor;

/// <summary>
/// The settings that an executor needs before it can fetch the others from its driver. The application decides those of connections, their limits and cultures;
/// the worker decides the certificates, the plug-ins and the bind address. They contain no credentials, since they are on command lines and cross the wire: an
/// executor receives credentials through its standard input. It never receives the cluster's secret.
/// </summary>
internal static class StartupSettings
{
    private const string MastersOwn = "spark.deploy."; // among it the passwords of its stores
    private const string Encryption = "spark.ssl.";
    private static readonly string[] OwnPaths = [CoreKeys.PluginDirectory.Key, "spark.akka.conf"]; // the latter is a key of Sparkish.Akka
    private static readonly string[] Prefixes = ["spark.rpc.", "spark.network.", "spark.serializer.", SchedulerKeys.InvariantGlobalization.Key];

    /// <summary>Returns the settings of an application.</summary>
    public static IReadOnlyDictionary<string, string> OfApplication(SparkConf conf) =>
        conf.Settings.Where(static setting => IsConnection(setting.Key)).ToDictionary(StringComparer.Ordinal);

    /// <summary>Adds a worker's own settings to an application's: the files of certificates and secrets are those of its machine.</summary>
    public static IReadOnlyDictionary<string, string> OnWorker(IReadOnlyDictionary<string, string> application, SparkConf worker)
    {
        var settings = application.Where(static setting => IsConnection(setting.Key)).ToDictionary(StringComparer.Ordinal);
        foreach (var (key, value) in worker.Settings)
        {
            // executors have their own directories
            if (IsOfWorker(key, value) && !SecurityKeys.IsCredential(key)) settings[key] = IsPath(key, value) ? Path.GetFullPath(value) : value;
        }

        return settings;
    }

    /// <summary>Returns the settings that a driver sends to authenticated executors: all but the credentials, which they have.</summary>
    public static IReadOnlyDictionary<string, string> WithoutCredentials(SparkConf conf) =>
        conf.Settings.Where(static setting => !SecurityKeys.IsCredential(setting.Key) && !setting.Key.StartsWith(MastersOwn, StringComparison.Ordinal))
            .ToDictionary(StringComparer.Ordinal);

    private static bool IsConnection(string key) => Array.Exists(Prefixes, prefix => key.StartsWith(prefix, StringComparison.Ordinal));

    private static bool IsPath(string key, string value) => value.Length > 0 && (SecurityKeys.IsFile(key) || OwnPaths.Contains(key, StringComparer.Ordinal));

    /// <summary>Only disabled authentication matters, since an executor may then bind beyond its machine without encryption.</summary>
    private static bool IsOfWorker(string key, string value) =>
        key.StartsWith(Encryption, StringComparison.Ordinal) || OwnPaths.Contains(key, StringComparer.Ordinal)
        || (key == CoreKeys.Authenticate.Key && bool.TryParse(value, out var isOn) && !isOn);
}
