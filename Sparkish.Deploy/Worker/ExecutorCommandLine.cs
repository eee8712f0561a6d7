using System.Globalization;
using Sparkish.Executor;

namespace Sparkish.Deploy.Worker;

/// <summary>The command-line form of <see cref="ExecutorArguments"/>; written by workers, parsed by <c>sparkish executor</c>.</summary>
internal static class ExecutorCommandLine
{
    private const string DriverUrl = "--driver-url";
    private const string ExecutorId = "--executor-id";
    private const string HostName = "--hostname";
    private const string Cores = "--cores";
    private const string AppId = "--app-id";
    private const string WorkerUrl = "--worker-url";
    private const string WorkDirectory = "--work-dir";
    private const string AssemblyCache = "--assembly-cache";
    private const string Conf = "--conf";

    public static IReadOnlyList<string> Format(ExecutorArguments arguments)
    {
        List<string> line =
        [
            DriverUrl, arguments.DriverUrl, ExecutorId, arguments.ExecutorId, HostName, arguments.Host,
            Cores, arguments.Cores.ToString(CultureInfo.InvariantCulture), AppId, arguments.AppId,
            WorkDirectory, arguments.WorkDirectory, AssemblyCache, arguments.AssemblyCacheDirectory,
        ];
        if (arguments.WorkerUrl is { } worker) line.AddRange([WorkerUrl, worker]);
        foreach (var (key, value) in arguments.Settings) line.AddRange([Conf, $"{key}={value}"]);
        return line;
    }

    /// <summary>Parses the output of <see cref="Format"/>.</summary>
    /// <exception cref="SparkException">An argument is missing or unknown; the message names it.</exception>
    public static ExecutorArguments Parse(ReadOnlySpan<string> line)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < line.Length; i += 2)
        {
            if (line[i] is not (DriverUrl or ExecutorId or HostName or Cores or AppId or WorkerUrl or WorkDirectory or AssemblyCache or Conf))
                throw new SparkException($"'{line[i]}' is not an argument of an executor. Executors are started by workers.");
            if (i + 1 == line.Length) throw new SparkException($"{line[i]} needs a value. Executors are started by workers.");
            if (line[i] is Conf) AddSetting(settings, line[i + 1]);
            else values[line[i]] = line[i + 1];
        }

        if (!int.TryParse(Required(values, Cores), NumberStyles.None, CultureInfo.InvariantCulture, out var cores) || cores < 1)
            throw new SparkException($"{Cores} is '{values[Cores]}' but must be a whole number of at least 1.");
        return new ExecutorArguments(Required(values, DriverUrl), Required(values, ExecutorId), Required(values, HostName), cores,
            Required(values, AppId), values.GetValueOrDefault(WorkerUrl), Required(values, WorkDirectory))
        {
            AssemblyCacheDirectory = Required(values, AssemblyCache),
            Settings = settings,
        };
    }

    private static void AddSetting(Dictionary<string, string> settings, string setting)
    {
        var equals = setting.IndexOf('=', StringComparison.Ordinal);
        if (equals < 1) throw new SparkException($"{Conf} is '{setting}' but must be a key, an equals sign and a value. Executors are started by workers.");
        settings[setting[..equals]] = setting[(equals + 1)..];
    }

    private static string Required(Dictionary<string, string> values, string name) =>
        values.TryGetValue(name, out var value) ? value : throw new SparkException($"{name} is missing. Executors are started by workers.");
}
