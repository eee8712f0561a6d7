namespace Sparkish.Deploy.Worker.Storage;

/// <summary>The directories in which executors and drivers of a worker run. None of them is removed. Thread-safe.</summary>
internal sealed class DirectoriesInUse
{
    private readonly Lock _lock = new();
    private readonly List<string> _directories = [];

    /// <summary>Marks a directory, which need not exist yet, as used until the result is disposed.</summary>
    public IDisposable Enter(string directory)
    {
        lock (_lock) _directories.Add(directory);
        return new Use(this, directory);
    }

    /// <summary>Whether something runs in a directory or below it.</summary>
    public bool Contains(string parent)
    {
        lock (_lock) return _directories.Exists(directory => IsWithin(directory, parent));
    }

    /// <summary>Renames a directory unless something runs in it or below it. Nothing starts to run there meanwhile.</summary>
    public bool TryMove(string directory, string target)
    {
        lock (_lock)
        {
            if (_directories.Exists(used => IsWithin(used, directory))) return false;
            Directory.Move(directory, target);
            return true;
        }
    }

    private static bool IsWithin(string directory, string parent) =>
        string.Equals(directory, parent, StringComparison.Ordinal) || directory.StartsWith(parent + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private sealed class Use(DirectoriesInUse all, string directory) : IDisposable
    {
        private bool _isOver;

        public void Dispose()
        {
            lock (all._lock)
            {
                if (_isOver) return;
                _isOver = true;
                all._directories.Remove(directory);
            }
        }
    }
}
