using Microsoft.Win32.SafeHandles;

namespace Sparkish.Deploy.Logs;

/// <summary>An open file of output.</summary>
internal sealed class LogFile : IDisposable
{
    private readonly string _path;
    private readonly SafeFileHandle _handle;

    private LogFile(string path, SafeFileHandle handle, string id)
    {
        (_path, _handle, Id) = (path, handle, id);
        Length = RandomAccess.GetLength(handle);
    }

    /// <summary>The identity of the file, which it keeps under another name.</summary>
    public string Id { get; }

    /// <summary>Its length when it was opened.</summary>
    public long Length { get; }

    /// <summary>Whether the file still has its name.</summary>
    public bool IsStillThere => IdOf(_path) == Id;

    /// <summary>Opens a file; null if it does not exist, or is no regular file.</summary>
    public static LogFile? TryOpen(string path)
    {
        // A pipe in its place would block the reader.
        if (new FileInfo(path).LinkTarget is not null || !FileKind.IsRegular(path)) return null;
        try
        {
            return new LogFile(path, File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), IdOf(path));
        }
        catch (FileNotFoundException)
        {
            return null; // removed meanwhile
        }
    }

    /// <summary>Reads from an offset up to the length, and at most so many bytes.</summary>
    public byte[] Read(long offset, int maxBytes)
    {
        var data = new byte[(int)Math.Min(maxBytes, Math.Max(0, Length - offset))];
        var read = 0;
        while (read < data.Length && RandomAccess.Read(_handle, data.AsSpan(read), offset + read) is > 0 and var more) read += more;
        return read == data.Length ? data : data[..read];
    }

    public void Dispose() => _handle.Dispose();

    // Where the system does not identify files, a file is taken for the one that last had its name.
    private static string IdOf(string path) => FileKind.IdentityOf(path) ?? Path.GetFileName(path);
}
