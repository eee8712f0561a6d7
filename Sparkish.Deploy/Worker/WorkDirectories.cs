namespace Sparkish.Deploy.Worker;

/// <summary>The directories of applications and drivers in a worker's work directory.</summary>
internal static class WorkDirectories
{
    // Tasks may create links in their directory; the targets do not belong to the worker.
    private static readonly EnumerationOptions WithoutLinks = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = true,
    };

    /// <summary>Creates the directory, and checks that executors, and no other users, can create theirs in it.</summary>
    /// <exception cref="SparkException">The directory cannot be created or written, or other users can write to it.</exception>
    public static void ThrowIfUnusable(string directory)
    {
        ThrowIfUnwritable(directory);
        if (OperatingSystem.IsWindows() || (File.GetUnixFileMode(directory) & UnixFileMode.OtherWrite) == UnixFileMode.None) return;
        throw new SparkException($"Every user of this machine can write to the work directory {Path.GetFullPath(directory)}, and so replace the files of "
            + "executors: revoke that permission, for example with chmod o-w, or give another directory with --work-dir.");
    }

    private static void ThrowIfUnwritable(string directory)
    {
        var probe = Path.Combine(directory, $".probe-{Guid.NewGuid():N}");
        try
        {
            PrivateFiles.CreateDirectory(directory);
            PrivateFiles.CreateDirectory(probe);
            PrivateFiles.WriteAllText(Path.Combine(probe, "probe"), "This file shows that the directory can be written.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SparkException($"The work directory {Path.GetFullPath(directory)} cannot be written, so no executor could start in it: {e.Message} "
                + "Give another one with --work-dir, or free space.", e);
        }
        finally
        {
            Remove(probe);
        }
    }

    /// <summary>Removes the directories of applications and drivers without recent changes and that nothing runs in; returns them.</summary>
    /// <param name="work">The work directory.</param>
    /// <param name="inUse">The directories of executors and drivers that run.</param>
    /// <param name="before">Removes only directories that were last changed before this time.</param>
    public static IReadOnlyList<string> RemoveOld(string work, IReadOnlyCollection<string> inUse, DateTimeOffset before)
    {
        if (!Directory.Exists(work)) return [];
        var removed = new List<string>();
        foreach (var application in Directory.EnumerateDirectories(work, "app-*").Concat(Directory.EnumerateDirectories(work, "driver-*")))
        {
            if (inUse.Any(directory => IsWithin(directory, application))) continue;
            if (LastChange(application) < before && TryRemove(application)) removed.Add(application);
        }

        return removed;
    }

    /// <summary>Removes the data of executors that were killed together with their worker.</summary>
    public static void RemoveAbandonedStorage(string work, string prefix)
    {
        if (!Directory.Exists(work)) return;
        foreach (var executor in Directory.EnumerateDirectories(work, "app-*").SelectMany(Directory.EnumerateDirectories))
            ScratchDirectory.RemoveAbandoned(executor, prefix);
    }

    private static bool IsWithin(string directory, string parent) =>
        string.Equals(directory, parent, StringComparison.Ordinal) || directory.StartsWith(parent + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static DateTimeOffset LastChange(string application) => new(
        Directory.EnumerateFileSystemEntries(application, "*", WithoutLinks).Append(application).Max(File.GetLastWriteTimeUtc), TimeSpan.Zero);

    private static bool TryRemove(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void Remove(string probe)
    {
        try
        {
            if (Directory.Exists(probe)) Directory.Delete(probe, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The failed write is reported; an empty directory may remain.
        }
    }
}
