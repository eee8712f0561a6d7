using Microsoft.Extensions.Logging;

namespace Sparkish.Deploy.Worker.Storage;

/// <summary>Removes old and surplus directories from a work directory, and the files of killed executors: at its creation, and then periodically.</summary>
internal sealed class WorkDirectoryCleaner : IAsyncDisposable
{
    private readonly string _work;
    private readonly DirectoriesInUse _inUse;
    private readonly string _storagePrefix;
    private readonly CleanupOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ITimer _timer;
    private int _isCleaning;

    /// <param name="work">The work directory.</param>
    /// <param name="inUse">The directories in which something runs.</param>
    /// <param name="storagePrefix">The prefix of directories in which executors store their data.</param>
    /// <param name="options">What is removed, and when.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">The log of the worker.</param>
    public WorkDirectoryCleaner(string work, DirectoriesInUse inUse, string storagePrefix, CleanupOptions options, TimeProvider time, ILogger log)
    {
        (_work, _inUse, _storagePrefix, _options, _time, _log) = (work, inUse, storagePrefix, options, time, log);
        _timer = time.CreateTimer(_ => Clean(), null, TimeSpan.Zero, options.Interval ?? Timeout.InfiniteTimeSpan);
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Clean()
    {
        if (Interlocked.Exchange(ref _isCleaning, 1) != 0) return; // removing many files may take longer than the interval
        Try(_work, () => WorkDirectories.RemoveAbandonedStorage(_work, _storagePrefix));
        if (_options.Interval is not null) Try(_work, RemoveDirectories);
        Volatile.Write(ref _isCleaning, 0);
    }

    private void RemoveDirectories()
    {
        foreach (var rest in WorkDirectories.FindRest(_work)) Try(rest, () => Directory.Delete(rest, recursive: true));
        var all = WorkDirectories.Find(_work, _inUse);
        var left = all.Sum(static directory => directory.Bytes);
        foreach (var directory in CleanupPolicy.Choose(all, _options, _time.GetUtcNow()))
        {
            Try(directory.Path, () =>
            {
                if (!WorkDirectories.TryRemove(directory.Path, _inUse)) return;
                left -= directory.Bytes;
                _log.DirectoryRemoved(directory.Path, directory.Bytes >> 20, directory.LastChange);
            });
        }

        if (left > _options.MaxBytes) _log.TooLarge(_work, left >> 20, _options.MaxBytes.Value >> 20);
    }

    // A directory may be deleted during the scan, or have content that cannot be deleted. The next scan tries again. Nothing that applications leave in their
    // directories, such as files of absurd sizes or times, may end the worker.
    private void Try(string directory, Action action)
    {
        try
        {
            action();
        }
        catch (Exception error)
        {
            _log.CleaningFailed(directory, error.Message);
        }
    }
}
