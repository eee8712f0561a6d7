using Sparkish.Configuration;
using Sparkish.Executor;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Worker.Drivers;

/// <summary>The settings and the environment of a driver in cluster mode: those of the submission without those of the submitter's machine.</summary>
internal static class DriverSettings
{
    // The worker's machine decides these: its certificates, its address, and how it authenticates.
    private static readonly string[] OfMachine = ["spark.authenticate", "spark.ssl.", "spark.worker.", "spark.driver.host", "spark.driver.bindAddress"];

    // They would decide what code the driver's runtime loads, or belong to workers.
    private static readonly string[] ReservedVariables =
        ["DOTNET_", "COMPlus_", "CORECLR_", "LD_", "DYLD_", "SPARKISH_", "SPARK_AUTHENTICATE", "SPARK_SSL", "SPARK_DEPLOY"];

    /// <summary>Whether a setting of a submitter applies to its driver elsewhere.</summary>
    public static bool Travels(string key) =>
        !Array.Exists(OfMachine, prefix => key.StartsWith(prefix, StringComparison.Ordinal)) && !SecurityKeys.IsCredential(key);

    /// <summary>Returns the settings of a driver on a worker.</summary>
    /// <param name="submitted">The settings of the submission.</param>
    /// <param name="worker">The worker's own.</param>
    /// <param name="workerUrl">The endpoint of the worker, whose host the driver binds to.</param>
    /// <param name="credentials">The passwords of certificates, and the client key.</param>
    public static IReadOnlyDictionary<string, string> Of(
        IReadOnlyDictionary<string, string> submitted, SparkConf worker, string workerUrl, IReadOnlyDictionary<string, string> credentials)
    {
        var settings = submitted.Where(static setting => Travels(setting.Key)).ToDictionary(StringComparer.Ordinal);
        foreach (var (key, value) in StartupSettings.OnWorker(new Dictionary<string, string>(StringComparer.Ordinal), worker)) settings[key] = value;
        foreach (var (key, value) in credentials) settings[key] = value;
        settings[CoreKeys.DriverHost.Key] = RpcEndpointAddress.Parse(workerUrl).Address.Host;
        settings[DeployKeys.DeployMode.Key] = "cluster";
        return settings;
    }

    /// <summary>Whether a submission may set an environment variable of its driver.</summary>
    public static bool IsAllowedVariable(string name) => !string.Equals(name, "PATH", StringComparison.OrdinalIgnoreCase)
        && !Array.Exists(ReservedVariables, prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
