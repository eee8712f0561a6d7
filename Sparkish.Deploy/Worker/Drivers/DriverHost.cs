using Sparkish.Deploy.Worker.Output;

namespace Sparkish.Deploy.Worker.Drivers;

/// <summary>The program, the files and the credentials that a worker gives to its drivers.</summary>
/// <param name="Program">The program of their wrappers.</param>
/// <param name="Conf">The worker's settings.</param>
/// <param name="FetchAsync">Fetches a package by its hash into a file.</param>
internal sealed record DriverHost(ExecutorHost Program, SparkConf Conf, Func<string, string, CancellationToken, Task> FetchAsync)
{
    /// <summary>Returns the credentials of a driver: the client key, and the passwords of certificates. Called before each start.</summary>
    public Func<IReadOnlyDictionary<string, string>> Credentials { get; init; } = static () => new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Limits of their stored output.</summary>
    public OutputOptions Output { get; init; } = OutputOptions.From(Conf);

    /// <summary>The environment variables that they inherit besides those that programs need.</summary>
    public string InheritedVariables { get; } = Conf.Get(DeployKeys.ExecutorEnvironment);

    /// <summary>Time limit for a driver to stop on request.</summary>
    public TimeSpan TerminateTimeout { get; } = Conf.Get(DeployKeys.DriverTerminateTimeout);

    /// <summary>The directories from which applications may be started by their path.</summary>
    public IReadOnlyList<string> Directories { get; } =
        [.. Conf.Get(DeployKeys.DriverDirectories).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(static path => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)))];
}
