using System.Globalization;
using Microsoft.Extensions.Logging;
using Sparkish.Deploy.Worker.Output;
using Sparkish.Deploy.Worker.Storage;
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
    private WorkDirectoryCleaner? _cleaner;

    /// <summary>Time limit for an executor to stop on request, before it is killed.</summary>
    public TimeSpan KillGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Limits of their stored output.</summary>
    public OutputOptions Output { get; init; } = OutputOptions.Default;

    /// <summary>Whether connections are encrypted if there are no certificates.</summary>
    public bool Encrypts { get; init; }

    /// <summary>The settings that give access to the certificates of executors.</summary>
    public IReadOnlyDictionary<string, string> Credentials { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The directories in which something runs.</summary>
    public DirectoriesInUse InUse { get; init; } = new();

    public IExecutorRun Launch(ExecutorLaunch launch, Action onStarted)
    {
        var directory = Path.Combine(_work, launch.Key.App.Value, launch.Key.Number.ToString(CultureInfo.InvariantCulture));
        var arguments = new ExecutorArguments(launch.DriverUrl, launch.Key.Number.ToString(CultureInfo.InvariantCulture), launch.Host, launch.Cores,
            launch.Key.App.Value, launch.WorkerUrl, directory)
        {
            AssemblyCacheDirectory = Path.Combine(_work, "assemblies"),
            Settings = launch.Settings,
            Resources = launch.Addresses,
            Credentials = Credentials,
            Secret = launch.Secret.Value,
            Encrypts = Encrypts,
        };
        var use = InUse.Enter(directory);
        var run = new ExecutorProcess(launch, host, arguments, Output, KillGrace, time, _log, onStarted);
        _ = run.Completion.ContinueWith(_ => use.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return _running.Add(run);
    }

    /// <summary>Removes the files of killed executors, now, and old directories of applications, now and periodically unless the options disable it.</summary>
    public void StartCleaning(CleanupOptions options) =>
        _cleaner ??= new WorkDirectoryCleaner(_work, InUse, ExecutorProcess.StoragePrefix, options, time, _log);

    public async ValueTask DisposeAsync()
    {
        if (_cleaner is not null) await _cleaner.DisposeAsync().ConfigureAwait(false);
        await _running.StopAsync().ConfigureAwait(false);
    }
}
