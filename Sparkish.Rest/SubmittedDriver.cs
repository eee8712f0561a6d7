using System.Globalization;
using Sparkish.Configuration;
using Sparkish.Deploy;
using Sparkish.Deploy.Uploads;
using Sparkish.Deploy.Worker.Drivers;
using Sparkish.Rpc;

namespace Sparkish.Rest;

/// <summary>
/// Describes the driver of a request. The application is a .dll: a file of the workers (<c>file:/path</c>, <c>local:/path</c> or a path), or an uploaded
/// package. The main class is only shown, since a .dll has one entry point.
/// </summary>
internal static class SubmittedDriver
{
    private const string FileScheme = "file:";
    private const string LocalScheme = "local:";
    private const int MaxShown = 200;

    // Options of the submission that are not settings of the driver.
    private static readonly string[] OfSubmission = [DeployKeys.DriverSupervise.Key, DeployKeys.WaitAppCompletion.Key, "spark.jars"];

    // The addresses of the submitter's machine, which Spark's client sends, too.
    private static readonly string[] OfSubmitter = ["SPARK_LOCAL_IP", "SPARK_LOCAL_HOSTNAME"];

    /// <summary>Describes the driver.</summary>
    /// <param name="request">The request.</param>
    /// <param name="master">The address of the master that got it.</param>
    /// <param name="restPort">The port that it came to: clients name it in <c>spark.master</c>.</param>
    /// <exception cref="RestException">The request is refused; the answer names the value and the reason.</exception>
    public static DriverDescription Describe(CreateRequest request, RpcAddress master, int restPort)
    {
        var conf = new SparkConf(loadDefaults: false).SetAll(request.Properties);
        var settings = request.Properties.Where(static setting => Travels(setting.Key)).ToDictionary(StringComparer.Ordinal);
        settings[CoreKeys.Master.Key] = MasterFor(request.Properties, master, restPort);
        if (settings.Keys.FirstOrDefault(Redaction.Default.IsSensitive) is { } password)
            throw Refused($"Property '{password}' looks like a password, and masters keep the settings of drivers in their journal: leave it out.");

        var memoryMiB = (int)Math.Min(Read(conf, DeployKeys.DriverMemory, "memory") >> 20, DeployRules.MaxMemoryMiB);
        var command = new DriverCommand(request.MainClass, request.AppArgs, Variables(request.Environment), settings);
        var description = new DriverDescription(
            Application(request.AppResource), memoryMiB, Read(conf, DeployKeys.DriverCores, "numeric"), Read(conf, DeployKeys.DriverSupervise, "boolean"), command);
        _ = conf.Contains(DeployKeys.MaxCores.Key) ? Read(conf, DeployKeys.MaxCores, "numeric") : 0;
        _ = conf.Contains(DeployKeys.ExecutorMemory.Key) ? Read(conf, DeployKeys.ExecutorMemory, "memory") : 0;
        return DeployRules.OfDescription(description) is { } problem ? throw Refused($"{problem}.") : description;
    }

    private static bool Travels(string key) => DriverSettings.Travels(key) && !OfSubmission.Contains(key, StringComparer.Ordinal);

    private static string Application(string resource)
    {
        if (PackageUrl.TryParse(resource) is not null) return resource;
        var path = resource switch
        {
            _ when resource.StartsWith(LocalScheme, StringComparison.Ordinal) => resource[LocalScheme.Length..],
            _ when resource.StartsWith(FileScheme + "///", StringComparison.Ordinal) => Uri.UnescapeDataString(resource[(FileScheme.Length + 2)..]),
            _ when resource.StartsWith(FileScheme, StringComparison.Ordinal) && !resource.StartsWith(FileScheme + "//", StringComparison.Ordinal) =>
                Uri.UnescapeDataString(resource[FileScheme.Length..]),
            _ when !resource.Contains(':', StringComparison.Ordinal) => resource,
            _ => throw Refused($"appResource is '{Shown(resource)}' but must be a file of the workers, such as file:/path/app.dll, below a directory of "
                + $"{DeployKeys.DriverDirectories.Key}, or an uploaded package. To upload the application, use 'sparkish submit'."),
        };
        if (!Path.IsPathRooted(path)) throw Refused($"appResource is '{Shown(resource)}' but must be an absolute path, such as file:/path/app.dll.");
        return path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
            ? LocalScheme + path
            : throw Refused($"appResource is '{Shown(resource)}' but must be the .dll of a .NET application: workers run no other programs.");
    }

    private static Dictionary<string, string> Variables(IReadOnlyDictionary<string, string> environment)
    {
        var variables = environment.Where(static variable => !OfSubmitter.Contains(variable.Key, StringComparer.Ordinal)).ToDictionary(StringComparer.Ordinal);
        foreach (var (name, value) in variables)
        {
            if (!DriverSettings.IsAllowedVariable(name)) throw Refused($"The environment variable '{Shown(name)}' may not be set for a driver: leave it out.");
            if (Redaction.Default.IsSensitive(name))
                throw Refused($"The environment variable '{Shown(name)}' looks like a password, and masters keep it in their journal: leave it out.");
            if (value.StartsWith("{{", StringComparison.Ordinal) && value.EndsWith("}}", StringComparison.Ordinal))
                throw Refused($"The environment variable '{Shown(name)}' refers to the environment of the master, which drivers do not see: give its value.");
        }

        return variables;
    }

    private static string MasterFor(IReadOnlyDictionary<string, string> properties, RpcAddress master, int restPort)
    {
        if (!properties.TryGetValue(CoreKeys.Master.Key, out var given)) return master.ToSparkUrl();
        var url = given.Replace(
            string.Create(CultureInfo.InvariantCulture, $":{restPort}"), string.Create(CultureInfo.InvariantCulture, $":{master.Port}"), StringComparison.Ordinal);
        try
        {
            _ = MasterUrl.Parse(url);
            return url;
        }
        catch (SparkException error)
        {
            throw Refused($"Property '{CoreKeys.Master.Key}': {error.Message}");
        }
    }

    private static T Read<T>(SparkConf conf, ConfigEntry<T> entry, string type)
    {
        try
        {
            return conf.Get(entry);
        }
        catch (SparkException error)
        {
            throw Refused($"Property '{entry.Key}' expected {type} value: actual was '{Shown(conf.Get(entry.Key))}'. {error.Message}");
        }
    }

    private static string Shown(string text) => text.Length <= MaxShown ? text : text[..MaxShown] + "…";

    private static RestException Refused(string message) => new(RestError.Malformed(message));
}
