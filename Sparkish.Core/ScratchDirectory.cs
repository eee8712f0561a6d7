namespace Sparkish;

/// <summary>
/// A private directory that goes with its process: it is removed when it is disposed of or the process ends in order, by SIGHUP, too. After a process that was
/// killed the next one that makes a directory in the same place removes it. A locked file tells which ones are in use: the system releases the lock however the
/// process ends.
/// </summary>
internal sealed class ScratchDirectory : IDisposable
{
    private const string OwnerFile = ".owner";

    private static readonly HashSet<ScratchDirectory> Live = [];
    private static bool _removesAtExit;

    private readonly FileStream _owner;

    private ScratchDirectory(string path, FileStream owner)
    {
        Path = path;
        _owner = owner;
    }

    public string Path { get; }

    /// <summary>Makes a directory, after the abandoned ones of its kind are removed.</summary>
    /// <param name="parent">Where it is made.</param>
    /// <param name="prefix">How its name, and those of its kind, begin.</param>
    public static ScratchDirectory Create(string parent, string prefix)
    {
        HangUp.Watch();
        RemoveAbandoned(parent, prefix);
        var path = System.IO.Path.Combine(parent, $"{prefix}{Guid.NewGuid():N}");
        PrivateFiles.CreateDirectory(path);
        var made = new ScratchDirectory(path, PrivateFiles.CreateNew(System.IO.Path.Combine(path, OwnerFile)));
        lock (Live)
        {
            if (!_removesAtExit) AppDomain.CurrentDomain.ProcessExit += static (_, _) => RemoveAll();
            _removesAtExit = true;
            Live.Add(made);
        }

        return made;
    }

    /// <summary>Removes the directories of a kind whose processes have ended; those that cannot be removed, or that others own, stay.</summary>
    public static void RemoveAbandoned(string parent, string prefix)
    {
        try
        {
            if (!Directory.Exists(parent)) return;
            foreach (var directory in Directory.EnumerateDirectories(parent, $"{prefix}*"))
            {
                if (IsAbandoned(directory)) TryRemove(directory);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A place that cannot be listed is told of by whatever is made in it.
        }
    }

    public void Dispose()
    {
        lock (Live) Live.Remove(this);
        _owner.Dispose();
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // It was abandoned from the moment that its owner was closed: whoever makes another one just then removes it first.
        }
    }

    /// <summary>The process ends, and some owners did not dispose of theirs.</summary>
    private static void RemoveAll()
    {
        ScratchDirectory[] left;
        lock (Live) left = [.. Live];
        foreach (var directory in left)
        {
            try
            {
                directory.Dispose();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A thread still writes there, or a library there is loaded; the next process removes it.
            }
        }
    }

    private static bool IsAbandoned(string directory)
    {
        try
        {
            // One without the file is being made right now, or is not of this kind.
            using var owner = new FileStream(System.IO.Path.Combine(directory, OwnerFile), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void TryRemove(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process removes it at the same time, or it is another user's.
        }
    }
}
