using System.IO.Enumeration;

namespace Sparkish.Deploy.Worker.Storage;

/// <summary>The directories of applications and drivers in a worker's work directory.</summary>
internal static class WorkDirectories
{
    private const string Aside = ".removed-";
    private const int RoomAtStart = 64 * 1024;

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

    /// <summary>Creates the directory of an executor or a driver, and checks that there is room for its first files.</summary>
    /// <exception cref="SparkException">The disk is full.</exception>
    public static void Claim(string directory)
    {
        var probe = Path.Combine(directory, $".room-{Guid.NewGuid():N}");
        try
        {
            PrivateFiles.ClaimDirectory(directory);
            PrivateFiles.WriteAllBytes(probe, new byte[RoomAtStart]);
            File.Delete(probe);
        }
        catch (IOException error) when (DiskSpace.IsExhausted(error))
        {
            TryDelete(probe);
            throw DiskSpace.Exhausted(directory, error);
        }
    }

    /// <summary>Finds the directories of applications and drivers. Links are no such directories, and what they lead to does not count.</summary>
    public static IReadOnlyList<StoredDirectory> Find(string work, DirectoriesInUse inUse)
    {
        if (!Directory.Exists(work)) return [];
        return [.. Directory.EnumerateDirectories(work, "app-*").Concat(Directory.EnumerateDirectories(work, "driver-*"))
            .Where(static directory => new FileInfo(directory).LinkTarget is null)
            .Select(directory => Measure(directory, inUse.Contains(directory)))];
    }

    /// <summary>Removes a directory unless something runs in it.</summary>
    /// <returns>Whether it is gone.</returns>
    /// <exception cref="IOException">A part of it cannot be removed; the next clean-up tries again.</exception>
    public static bool TryRemove(string directory, DirectoriesInUse inUse)
    {
        // Under another name nothing can start in it while its files are removed one by one.
        var aside = Path.Combine(Path.GetDirectoryName(directory)!, $"{Aside}{Guid.NewGuid():N}");
        if (!inUse.TryMove(directory, aside)) return false;
        Directory.Delete(aside, recursive: true);
        return true;
    }

    /// <summary>Finds what an earlier clean-up could not remove.</summary>
    public static IReadOnlyList<string> FindRest(string work) => Directory.Exists(work) ? Directory.GetDirectories(work, $"{Aside}*") : [];

    /// <summary>Removes the data of executors that were killed together with their worker.</summary>
    public static void RemoveAbandonedStorage(string work, string prefix)
    {
        if (!Directory.Exists(work)) return;
        foreach (var executor in Directory.EnumerateDirectories(work, "app-*").SelectMany(Directory.EnumerateDirectories))
            ScratchDirectory.RemoveAbandoned(executor, prefix);
    }

    private static StoredDirectory Measure(string directory, bool isInUse)
    {
        var bytes = 0L;
        var lastChange = new DateTimeOffset(Directory.GetLastWriteTimeUtc(directory), TimeSpan.Zero);
        var entries = new FileSystemEnumerable<(long Bytes, DateTimeOffset Change)>(
            directory, static (ref FileSystemEntry entry) => (entry.IsDirectory ? 0 : entry.Length, entry.LastWriteTimeUtc), WithoutLinks);
        foreach (var entry in entries)
        {
            bytes += entry.Bytes;
            if (entry.Change > lastChange) lastChange = entry.Change;
        }

        return new StoredDirectory(directory, bytes, lastChange, isInUse);
    }

    private static void TryDelete(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The full disk is reported.
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
