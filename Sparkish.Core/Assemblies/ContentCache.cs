using System.Globalization;
using System.Security.Cryptography;

namespace Sparkish.Assemblies;

/// <summary>
/// A cache of files by the hashes of their contents, under their own names, shared by all processes that use the directory. Truncated or changed files are
/// fetched again; one process fetches a file while the others wait for it. Only this user can access the directory, so that no other user changes a file
/// between the check of its hash and its use. Blocks its callers. Safe for all threads and processes.
/// </summary>
/// <param name="directory">The directory of the cache, created on first use.</param>
/// <param name="fetch">Fetches a file: its path at the source, its destination, which must appear completely or not at all, and its SHA-256.</param>
/// <param name="patience">Maximum time that another process may hold the lock of a file; ten minutes unless given.</param>
internal sealed class ContentCache(string directory, Action<string, string, string> fetch, TimeSpan? patience = null)
{
    private const string Elsewhere = "or name another directory: --work-dir of a worker, spark.rpc.deploy.directory of a node that endpoints are deployed to";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan UsualPatience = TimeSpan.FromMinutes(10); // a fetch of a large file over a slow line

    /// <summary>The content of a file, from here or from its source.</summary>
    /// <param name="file">Its name and hash.</param>
    /// <param name="path">Its path at the source.</param>
    /// <param name="onFetched">Called if it had to be fetched.</param>
    /// <exception cref="SparkException">The file cannot be fetched or stored; the message gives the reason.</exception>
    public byte[] Read(AssetFile file, string path, Action? onFetched = null) => Take(file, path, kept => ReadWhole(kept, file.Hash), onFetched);

    /// <summary>Copies a file from the cache, or from its source.</summary>
    /// <param name="file">Its name and hash.</param>
    /// <param name="path">Its path at the source.</param>
    /// <param name="copy">The path of the copy, in a place that no other process knows. No file may exist there.</param>
    /// <param name="onFetched">Called if it had to be fetched.</param>
    /// <inheritdoc cref="Read" path="/exception"/>
    public void Copy(AssetFile file, string path, string copy, Action? onFetched = null) =>
        Take(file, path, kept => CopyWhole(kept, copy, file.Hash), onFetched);

    /// <summary>
    /// Whether a file is complete and only accessible to this user. A disk may have lost a part of it in a crash, or another program changed it.
    /// </summary>
    public static bool IsWhole(string file, string hash) => TryUse(file, () => HashOf(file) == hash ? file : null) is not null;

    /// <summary>The content of a file, read once; null unless <see cref="IsWhole"/>.</summary>
    public static byte[]? ReadWhole(string file, string hash) => TryUse(file, () =>
    {
        var bytes = File.ReadAllBytes(file);
        return Convert.ToHexStringLower(SHA256.HashData(bytes)) == hash ? bytes : null;
    });

    private static string? CopyWhole(string file, string copy, string hash) => TryUse(file, () =>
    {
        PrivateFiles.Copy(file, copy);
        if (HashOf(copy) == hash) return copy;
        File.Delete(copy);
        return null;
    });

    private static T? TryUse<T>(string file, Func<T?> use)
        where T : class
    {
        if (!FileKind.IsRegular(file) || File.ResolveLinkTarget(file, returnFinalTarget: false) is not null) return null;
        try
        {
            PrivateFiles.Claim(file);
            return use();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return null; // a file of another user is not trusted and is fetched again
        }
    }

    private T Take<T>(AssetFile file, string path, Func<string, T?> take, Action? onFetched)
        where T : class
    {
        var place = Path.Combine(directory, file.Hash);
        var kept = Path.Combine(place, file.Name);
        try
        {
            PrivateFiles.ClaimDirectory(directory);
            PrivateFiles.ClaimDirectory(place);
            if (take(kept) is { } found) return found;
            using var mine = Lock(file.Hash, file.Name);
            if (take(kept) is { } meanwhile) return meanwhile;
            RemoveLeftovers(place, file.Name);
            fetch(path, kept, file.Hash);
            onFetched?.Invoke();
            return take(kept) ?? throw new SparkException(
                $"'{file.Name}' of the application was fetched to '{directory}' and changed there at once: other processes of this user write to that directory. End them, {Elsewhere}.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SparkException(
                $"'{file.Name}' of the application cannot be kept in '{directory}': {error.Message} Make room there, {Elsewhere}.", error);
        }
    }

    /// <summary>Deletes the remains of a process that was killed during a fetch; no other process is fetching now.</summary>
    private static void RemoveLeftovers(string place, string name)
    {
        foreach (var left in Directory.EnumerateFiles(place, name + ".*.part")) File.Delete(left);
    }

    /// <summary>
    /// Waits until no other thread or process fetches a file with the same lock. The system releases the lock of a process that dies, but not of one that
    /// hangs.
    /// </summary>
    private FileStream Lock(string hash, string name)
    {
        var file = Path.Combine(directory, $".lock-{hash[0]}"); // a few shared ones, which are kept: deleting one would race with its opening
        var limit = patience ?? UsualPatience;
        var start = TimeProvider.System.GetTimestamp(); // the other process only has the system clock
        while (true)
        {
            try
            {
                return PrivateFiles.OpenLock(file);
            }
            catch (IOException error) when (IsTaken(error))
            {
                if (TimeProvider.System.GetElapsedTime(start) > limit)
                {
                    throw new SparkException(string.Create(CultureInfo.InvariantCulture,
                        $"'{name}' of the application is not available: another process has held the lock '{file}' for {limit.TotalSeconds:0} s. Stop it if it hangs, {Elsewhere}."),
                        error);
                }

                Blocking.Wait(Task.Delay(Pause, TimeProvider.System));
            }
        }
    }

    // EAGAIN of Linux and of the BSDs, and the sharing violation of Windows.
    private static bool IsTaken(IOException error) => error.GetType() == typeof(IOException) && (error.HResult is 11 or 35 || (error.HResult & 0xFFFF) == 32);

    private static string HashOf(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
