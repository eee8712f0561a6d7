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
    private ITimer? _cleaning;

    /// <summary>Time limit for an executor to stop on request, before it is killed.</summary>
    public TimeSpan KillGrace { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Limits of their stored output.</summary>
    public OutputOptions Output { get; init; } = OutputOptions.Default;

    /// <summary>Whether connections are encrypted if there are no certificates.</summary>
    public bool Encrypts { get; init; }

    /// <summary>The settings that give access to the certificates of executors.</summary>
    public IReadOnlyDictionary<string, string> Credentials { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>The directories of what else runs in the work directory.</summary>
    public Func<IReadOnlyCollection<string>> OtherDirectories { get; set; } = static () => [];

    public IExecutorRun Launch(ExecutorLaunch launch, Action onStarted)
    {
        var directory = Path.Combine(_work, launch.Key.App.Value, launch.Key.Number.ToString(CultureInfo.InvariantCulture));
        var arguments = new ExecutorArguments(launch.DriverUrl, launch.Key.Number.ToString(CultureInfo.InvariantCulture), launch.Host, launch.Cores,
            launch.Key.App.Value, launch.WorkerUrl, directory)
        {
            AssemblyCacheDirectory = Path.Combine(_work, "assemblies"),
            Settings = launch.Settings,
            Credentials = Credentials,
            Secret = launch.Secret.Value,
            Encrypts = Encrypts,
        };
        return _running.Add(new ExecutorProcess(launch, host, arguments, Output, KillGrace, time, _log, onStarted));
    }

    /// <summary>Removes the files of killed executors, now, and old directories of applications, now and periodically unless the options disable it.</summary>
    public void StartCleaning(CleanupOptions options) =>
        _cleaning ??= time.CreateTimer(_ => Clean(options), null, TimeSpan.Zero, options.Interval ?? Timeout.InfiniteTimeSpan);

    public async ValueTask DisposeAsync()
    {
        if (_cleaning is not null) await _cleaning.DisposeAsync().ConfigureAwait(false);
        await _running.StopAsync().ConfigureAwait(false);
    }

    private void Clean(CleanupOptions options)
    {
        try
        {
            WorkDirectories.RemoveAbandonedStorage(_work, ExecutorProcess.StoragePrefix);
            if (options.Interval is null) return;
            var removed = WorkDirectories.RemoveOld(_work, [.. _running.Directories(), .. OtherDirectories()], time.GetUtcNow() - options.TimeToLive);
            foreach (var directory in removed) _log.OldDirectoryRemoved(directory);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A directory that is deleted during the scan; the next scan is soon.
            _log.CleaningFailed(_work, error.Message);
        }
    }
}
