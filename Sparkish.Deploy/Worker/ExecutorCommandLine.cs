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
    private const string Resource = "--resource";

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
        foreach (var (name, addresses) in arguments.Resources)
        {
            foreach (var address in addresses) line.AddRange([Resource, $"{name}={address}"]);
        }

        return line;
    }

    /// <summary>Parses the output of <see cref="Format"/>.</summary>
    /// <exception cref="SparkException">An argument is missing or unknown; the message names it.</exception>
    public static ExecutorArguments Parse(ReadOnlySpan<string> line)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        var resources = new List<(string Name, string Address)>();
        for (var i = 0; i < line.Length; i += 2)
        {
            if (line[i] is not (DriverUrl or ExecutorId or HostName or Cores or AppId or WorkerUrl or WorkDirectory or AssemblyCache or Conf or Resource))
                throw new SparkException($"'{line[i]}' is not an argument of an executor. Executors are started by workers.");
            if (i + 1 == line.Length) throw new SparkException($"{line[i]} needs a value. Executors are started by workers.");
            switch (line[i])
            {
                case Conf:
                    var (key, value) = Split(Conf, line[i + 1]);
                    settings[key] = value;
                    break;
                case Resource:
                    resources.Add(Split(Resource, line[i + 1]));
                    break;
                default:
                    values[line[i]] = line[i + 1];
                    break;
            }
        }

        if (!int.TryParse(Required(values, Cores), NumberStyles.None, CultureInfo.InvariantCulture, out var cores) || cores < 1)
            throw new SparkException($"{Cores} is '{values[Cores]}' but must be a whole number of at least 1.");
        return new ExecutorArguments(Required(values, DriverUrl), Required(values, ExecutorId), Required(values, HostName), cores,
            Required(values, AppId), values.GetValueOrDefault(WorkerUrl), Required(values, WorkDirectory))
        {
            AssemblyCacheDirectory = Required(values, AssemblyCache),
            Settings = settings,
            Resources = resources.GroupBy(static unit => unit.Name, StringComparer.Ordinal).ToDictionary(
                static unit => unit.Key, static unit => (IReadOnlyList<string>)[.. unit.Select(static one => one.Address)], StringComparer.Ordinal),
        };
    }

    private static (string Key, string Value) Split(string option, string text) => text.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals
        ? (text[..equals], text[(equals + 1)..])
        : throw new SparkException($"{option} is '{text}' but must be a key, an equals sign and a value. Executors are started by workers.");

    private static string Required(Dictionary<string, string> values, string name) =>
        values.TryGetValue(name, out var value) ? value : throw new SparkException($"{name} is missing. Executors are started by workers.");
}
