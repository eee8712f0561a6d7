using System.Globalization;

namespace Sparkish.Deploy.Worker.Processes;

/// <summary>
/// Binds each executor to as many CPUs as it has cores, so that executors do not slow each other down. A program sets the affinity before it becomes the
/// executor, since threads inherit that of the thread that starts them.
/// </summary>
internal sealed class CpuAffinity
{
    private const string Program = "taskset";
    private const string Allowed = "Cpus_allowed_list:";

    private readonly string _program;
    private readonly FreeCpus _free;

    private CpuAffinity(string program, FreeCpus free) => (_program, _free) = (program, free);

    /// <summary>Returns the affinity that a worker's settings ask for; null if they do not.</summary>
    /// <param name="conf">The settings of the worker.</param>
    /// <param name="cores">Number of cores that it offers.</param>
    /// <exception cref="SparkException">This system cannot do it, or the worker may use fewer CPUs than it offers cores.</exception>
    public static CpuAffinity? From(SparkConf conf, int cores)
    {
        if (!conf.Get(DeployKeys.CpuAffinity)) return null;
        var key = DeployKeys.CpuAffinity.Key;
        if (!OperatingSystem.IsLinux()) throw new SparkException($"{key} is 'true', but only Linux binds executors to CPUs: leave it out.");
        var program = Find(Environment.GetEnvironmentVariable("PATH") ?? "")
            ?? throw new SparkException($"{key} is 'true', but the program '{Program}' is not on the path: install util-linux.");
        var cpus = FreeCpus.Parse(File.ReadLines("/proc/self/status").First(static line => line.StartsWith(Allowed, StringComparison.Ordinal))[Allowed.Length..]);
        if (cores <= cpus.Count) return new CpuAffinity(program, new FreeCpus(cpus));
        throw new SparkException(string.Create(CultureInfo.InvariantCulture,
            $"{key} is 'true', but this worker offers {cores} cores and may use {cpus.Count} CPUs: lower --cores."));
    }

    /// <summary>Reserves the CPUs of an executor.</summary>
    /// <exception cref="SparkException">Too few are free.</exception>
    public IReadOnlyList<int> Take(int cores) => _free.Take(cores) ?? throw new SparkException(
        string.Create(CultureInfo.InvariantCulture, $"Fewer than {cores} CPUs of this worker are free, so no executor of {cores} cores can be bound to its own."));

    public void Return(IReadOnlyList<int> cpus) => _free.Return(cpus);

    /// <summary>Returns the words of a command that run before the program on these CPUs.</summary>
    public IReadOnlyList<string> Command(IReadOnlyList<int> cpus) => [_program, "-c", string.Join(',', cpus)];

    private static string? Find(string path) => path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(static directory => Path.Combine(directory, Program)).FirstOrDefault(File.Exists);
}
