using System.Globalization;
using Microsoft.Extensions.Logging;
using Sparkish.Executor;

namespace Sparkish.Deploy.Worker;

/// <summary>
/// Starts executors as processes, each in <c>&lt;work&gt;/&lt;application&gt;/&lt;executor&gt;/</c> with its output in the files stdout and stderr there.
/// </summary>
internal sealed class ProcessExecutorLauncher(ExecutorHost host, string workDirectory, TimeProvider time, ILoggerFactory loggers) : IExecutorLauncher
{
    private readonly RunningExecutors _running = new();
    private readonly ILogger _log = loggers.CreateLogger<ProcessExecutorLauncher>();
    private readonly string _work = Path.GetFullPath(workDirectory);

    /// <summary>How long an executor may take to end when it is asked to, before it is killed.</summary>
    public TimeSpan KillGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How much of their output is kept.</summary>
    public OutputOptions Output { get; init; } = OutputOptions.Default;

    /// <summary>What executors prove themselves with; they get it through their environment.</summary>
    public IReadOnlyDictionary<string, string> Credentials { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    public IExecutorRun Launch(ExecutorLaunch launch, Action onStarted)
    {
        var directory = Path.Combine(_work, launch.Key.App.Value, launch.Key.Number.ToString(CultureInfo.InvariantCulture));
        var arguments = new ExecutorArguments(launch.DriverUrl, launch.Key.Number.ToString(CultureInfo.InvariantCulture), launch.Host, launch.Cores,
            launch.Key.App.Value, launch.WorkerUrl, directory)
        {
            AssemblyCacheDirectory = Path.Combine(_work, "assemblies"),
            Settings = launch.Settings,
            Credentials = Credentials,
        };
        return _running.Add(new ExecutorProcess(launch, host, arguments, Output, KillGrace, time, _log, onStarted));
    }

    public ValueTask DisposeAsync() => new(_running.StopAsync());
}
