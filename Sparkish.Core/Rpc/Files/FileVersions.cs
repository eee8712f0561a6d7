using System.Collections.Concurrent;
using System.Security.Cryptography;
using Sparkish.Rpc.Bulk;

namespace Sparkish.Rpc.Files;

/// <summary>The versions of files; each version is read and hashed once. Blocks the caller while it reads a file. Thread-safe.</summary>
internal sealed class FileVersions
{
    private const int MaxKept = 10_000;

    private readonly ConcurrentDictionary<(string File, long Length, long LastWriteTicks), Lazy<FileVersion>> _known = new();

    /// <summary>The present version of a file.</summary>
    /// <exception cref="BulkNotFoundException">The file changes while it is read.</exception>
    public FileVersion Of(string file)
    {
        using var handle = File.OpenHandle(file);
        return Of(file, FileStamp.Of(handle));
    }

    /// <summary>Returns the version of a file that has a stamp.</summary>
    public FileVersion Of(string file, FileStamp stamp)
    {
        if (_known.Count > MaxKept) _known.Clear();
        var key = (file, stamp.Length, stamp.LastWriteTicks);
        var version = _known.GetOrAdd(key, static key => new Lazy<FileVersion>(() => Read(key.File, new FileStamp(key.Length, key.LastWriteTicks))));
        try
        {
            return version.Value;
        }
        catch
        {
            _known.TryRemove(KeyValuePair.Create(key, version)); // the next one tries again
            throw;
        }
    }

    private static FileVersion Read(string file, FileStamp stamp)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var hash = Convert.ToHexStringLower(SHA256.HashData(stream));
        stamp.Check(stream.SafeFileHandle, Path.GetFileName(file));
        return new FileVersion(stamp.Length, stamp.LastWriteTicks, hash);
    }
}
