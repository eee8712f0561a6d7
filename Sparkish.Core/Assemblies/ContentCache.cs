using System.Globalization;
using System.Security.Cryptography;

namespace Sparkish.Assemblies;

/// <summary>
/// Files that are kept by the hashes of their contents, under their own names, for all processes that share the directory. What was cut short or
/// changed is fetched again; one process fetches a file while the others wait for it. The directory and all in it are this user's alone, so that nobody else
/// changes a file between the look at its hash and its use. Blocks its callers. Safe for all threads and processes.
/// </summary>
/// <param name="directory">Where the files are kept; made when the first one comes.</param>
/// <param name="fetch">Brings a file: its path at the source, the file to make of it, which must appear as a whole or not at all, and its SHA-256.</param>
/// <param name="patience">How long another process may hold the lock of a file; ten minutes unless given.</param>
internal sealed class ContentCache(string directory, Action<string, string, string> fetch, TimeSpan? patience = null)
{
    private const string Elsewhere = "or name another directory: --work-dir of a worker, spark.rpc.deploy.directory of a node that endpoints are deployed to";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan UsualPatience = TimeSpan.FromMinutes(10); // a fetch of a large file over a slow line

    /// <summary>A file of a hash, from here or from its source.</summary>
    /// <param name="file">Its name and hash.</param>
    /// <param name="path">Its path at the source.</param>
    /// <param name="onFetched">Told when it had to be fetched.</param>
    /// <exception cref="SparkException">It cannot be fetched or kept; the message says why.</exception>
    public string Get(AssetFile file, string path, Action? onFetched = null) => Place(file, Path.Combine(directory, file.Hash), path, onFetched);

    /// <summary>Files side by side in one directory, as they expect each other: native libraries load others from beside them.</summary>
    /// <param name="files">Their names and hashes, and their paths at the source.</param>
    /// <param name="onFetched">Told of each that had to be fetched.</param>
    /// <returns>The path of the first.</returns>
    /// <inheritdoc cref="Get" path="/exception"/>
    public string GetTogether(IReadOnlyList<(AssetFile File, string Path)> files, Action<AssetFile>? onFetched = null)
    {
        if (files is [var (file, path)]) return Get(file, path, () => onFetched?.Invoke(file));
        var place = Path.Combine(directory, HashOf(files.Select(static entry => entry.File)));
        return files.Select(entry => Place(entry.File, place, entry.Path, () => onFetched?.Invoke(entry.File))).ToArray()[0];
    }

    /// <summary>
    /// Whether a file is here as a whole and this user's alone: a disk may have lost a part of it when the machine went down, or somebody changed it.
    /// </summary>
    public static bool IsWhole(string file, string hash)
    {
        if (!FileKind.IsRegular(file) || File.ResolveLinkTarget(file, returnFinalTarget: false) is not null) return false;
        try
        {
            PrivateFiles.Claim(file);
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            return Convert.ToHexStringLower(SHA256.HashData(stream)) == hash;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            return false; // a file of another user is not trusted and is fetched again
        }
    }

    private string Place(AssetFile file, string place, string path, Action? onFetched)
    {
        var kept = Path.Combine(place, file.Name);
        try
        {
            PrivateFiles.ClaimDirectory(directory);
            PrivateFiles.ClaimDirectory(place);
            if (IsWhole(kept, file.Hash)) return kept;
            using var mine = Lock(file.Hash, file.Name);
            if (IsWhole(kept, file.Hash)) return kept;
            RemoveLeftovers(place, file.Name);
            fetch(path, kept, file.Hash);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SparkException(
                $"'{file.Name}' of the application cannot be kept in '{directory}': {error.Message} Make room there, {Elsewhere}.", error);
        }

        onFetched?.Invoke();
        return kept;
    }

    /// <summary>What a process left that was killed while it fetched; nobody else fetches now.</summary>
    private static void RemoveLeftovers(string place, string name)
    {
        foreach (var left in Directory.EnumerateFiles(place, name + ".*.part")) File.Delete(left);
    }

    /// <summary>
    /// Waits until no other thread or process fetches what hashes alike. The system frees the lock of a process that dies, but not of one that hangs.
    /// </summary>
    private FileStream Lock(string hash, string name)
    {
        var file = Path.Combine(directory, $".lock-{hash[0]}"); // a few for all, which stay: to remove one would race with who opens it
        var limit = patience ?? UsualPatience;
        var start = TimeProvider.System.GetTimestamp(); // the other process has no clock but the system's
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
                        $"'{name}' of the application cannot be had: another process has held the lock '{file}' for {limit.TotalSeconds:0} s. End it if it hangs, {Elsewhere}."),
                        error);
                }

                Blocking.Wait(Task.Delay(Pause, TimeProvider.System));
            }
        }
    }

    // EAGAIN of Linux and of the BSDs, and the sharing violation of Windows.
    private static bool IsTaken(IOException error) => error.GetType() == typeof(IOException) && (error.HResult is 11 or 35 || (error.HResult & 0xFFFF) == 32);

    private static string HashOf(IEnumerable<AssetFile> files) =>
        Convert.ToHexStringLower(
            SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(
                string.Join('\n', files.OrderBy(static file => file.Name, StringComparer.Ordinal).Select(static file => $"{file.Hash} {file.Name}")))));
}
