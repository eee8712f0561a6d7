using System.Reflection;
using Sparkish.Deploy.Worker.Processes;

namespace Sparkish.Deploy.Worker;

/// <summary>The program of executors, or of drivers: a file to start, and the arguments before the executor's or driver's own.</summary>
internal sealed record ExecutorHost(string FileName, IReadOnlyList<string> Arguments)
{
    /// <summary>The environment variable that names the program when the setting does not.</summary>
    public const string Variable = "SPARKISH_EXECUTOR_HOST";

    /// <summary>The command for a driver in cluster mode.</summary>
    public const string DriverCommand = "driver";

    private const string ExecutorCommand = "executor";
    private const string HostAssembly = "sparkish";

    /// <summary>Finds the program: the one in the settings or the environment, else the running sparkish, else the one beside this program.</summary>
    /// <param name="conf">The settings of the worker.</param>
    /// <param name="command">The command that it runs.</param>
    /// <exception cref="SparkException">The program does not exist.</exception>
    public static ExecutorHost Find(SparkConf conf, string command = ExecutorCommand)
    {
        var named = conf.Get(DeployKeys.ExecutorHost);
        if (named.Length == 0) named = Environment.GetEnvironmentVariable(Variable) ?? "";
        if (named.Length > 0) return FromPath(Path.GetFullPath(named), command);

        var entry = Assembly.GetEntryAssembly();
        if (entry is not null && string.Equals(entry.GetName().Name, HostAssembly, StringComparison.Ordinal) && Environment.ProcessPath is { } running)
            return DotnetHost.IsDotnet(running) ? FromPath(entry.Location, command) : new ExecutorHost(running, [command]);
        return FromPath(Path.Combine(AppContext.BaseDirectory, HostAssembly + ".dll"), command);
    }

    /// <summary>Returns the running sparkish, with other arguments.</summary>
    /// <exception cref="SparkException">This program is another one, and there is no sparkish beside it.</exception>
    public static ExecutorHost FindSparkish(string[] arguments)
    {
        var running = Environment.ProcessPath;
        if (running is not null && !DotnetHost.IsDotnet(running) && Assembly.GetEntryAssembly()?.GetName().Name == HostAssembly)
            return new ExecutorHost(running, arguments);
        var found = FromPath(Path.Combine(AppContext.BaseDirectory, HostAssembly + ".dll"), ExecutorCommand);
        return found with { Arguments = [.. found.Arguments.SkipLast(1), .. arguments] };
    }

    /// <summary>Binds executors to CPUs; null for not.</summary>
    public CpuAffinity? Affinity { get; init; }

    /// <summary>The program as another one starts it that takes a command as its last arguments.</summary>
    public ExecutorHost After(IReadOnlyList<string> command) => new(command[0], [.. command.Skip(1), FileName, .. Arguments]);

    private static ExecutorHost FromPath(string path, string command)
    {
        if (!File.Exists(path))
        {
            throw new SparkException(
                $"The program for executors, '{path}', does not exist: set {DeployKeys.ExecutorHost.Key} or {Variable} to the path of sparkish or sparkish.dll.");
        }

        return path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
            ? new ExecutorHost(DotnetHost.Path, ["exec", path, command])
            : new ExecutorHost(path, [command]);
    }
}
