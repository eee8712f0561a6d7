namespace Sparkish;

/// <summary>
/// A private temporary directory of a process. It is deleted when it is disposed or the process exits, or, after a crash, by the next process that creates one
/// in the same place. A locked file marks directories in use: the system releases the lock when the process ends in any way.
/// </summary>
internal sealed class ScratchDirectory : IDisposable
{
    private const string OwnerFile = ".owner";

    // The prefix of a directory that is being created. It has no lock yet, so its age shows whether its process has ended.
    private const string Unfinished = ".new-";
    private static readonly TimeSpan LongestCreation = TimeSpan.FromHours(1);

    private static readonly HashSet<ScratchDirectory> Live = [];
    private static bool _removesAtExit;

    private readonly FileStream _owner;

    private ScratchDirectory(string path, FileStream owner)
    {
        Path = path;
        _owner = owner;
    }

    public string Path { get; }

    /// <summary>Creates a directory, after deleting the abandoned ones of its kind.</summary>
    /// <param name="parent">The parent directory.</param>
    /// <param name="prefix">The prefix of its name, and of those of its kind.</param>
    public static ScratchDirectory Create(string parent, string prefix)
    {
        HangUp.Watch();
        RemoveAbandoned(parent, prefix);
        var name = $"{prefix}{Guid.NewGuid():N}";
        var made = new ScratchDirectory(System.IO.Path.Combine(parent, name), CreateLocked(parent, name));
        lock (Live)
        {
            if (!_removesAtExit) AppDomain.CurrentDomain.ProcessExit += static (_, _) => RemoveAll();
            _removesAtExit = true;
            Live.Add(made);
        }

        return made;
    }

    /// <summary>Deletes the directories of a kind whose processes have ended; those that cannot be deleted, or that belong to others, stay.</summary>
    public static void RemoveAbandoned(string parent, string prefix)
    {
        try
        {
            if (!Directory.Exists(parent)) return;
            foreach (var directory in Directory.EnumerateDirectories(parent, $"{prefix}*"))
            {
                if (IsAbandoned(directory)) TryRemove(directory);
            }

            var oldest = TimeProvider.System.GetUtcNow() - LongestCreation;
            foreach (var directory in Directory.EnumerateDirectories(parent, $"{Unfinished}{prefix}*"))
            {
                if (new DateTimeOffset(Directory.GetLastWriteTimeUtc(directory), TimeSpan.Zero) < oldest) TryRemove(directory);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // If the parent cannot be listed, the creation of the directory reports that.
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
            // Abandoned since its owner was closed: another process that creates one at this moment may remove it first.
        }
    }

    /// <summary>
    /// Creates the directory and returns its locked file. Unix locks a file after its creation, and other processes take an unlocked directory for abandoned.
    /// So the directory gets its name once it is locked. Windows creates and locks in one step, and renames no directory with an open file.
    /// </summary>
    private static FileStream CreateLocked(string parent, string name)
    {
        var path = System.IO.Path.Combine(parent, name);
        var first = OperatingSystem.IsWindows() ? path : System.IO.Path.Combine(parent, Unfinished + name);
        FileStream? owner = null;
        try
        {
            PrivateFiles.CreateDirectory(first);
            owner = PrivateFiles.CreateNew(System.IO.Path.Combine(first, OwnerFile));
            if (first != path) Directory.Move(first, path);
            return owner;
        }
        catch
        {
            owner?.Dispose();
            TryRemove(first);
            throw;
        }
    }

    /// <summary>Called when the process exits and some owners did not dispose theirs.</summary>
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
                // A thread still writes there, or a library there is loaded; the next process deletes it.
            }
        }
    }

    private static bool IsAbandoned(string directory)
    {
        try
        {
            // A directory without the file is being created right now, or is not of this kind.
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
