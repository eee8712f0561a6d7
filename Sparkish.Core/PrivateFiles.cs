using System.Runtime.Versioning;
using System.Text;

namespace Sparkish;

/// <summary>
/// Creates directories and files that other users of the machine can neither read nor write: 0700 and 0600, regardless of the umask. Directories and files with
/// data, logs, journals or caches are created only here; a test ensures that. New files are created exclusively: a link placed under their name is not
/// followed.
/// </summary>
internal static class PrivateFiles
{
    private const UnixFileMode OwnFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnDirectory = OwnFile | UnixFileMode.UserExecute;

    /// <summary>Creates a directory and its missing parents. An existing one stays as it is.</summary>
    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        var missing = new Stack<string>();
        for (var next = Path.GetFullPath(path); next is not null && !Directory.Exists(next); next = Path.GetDirectoryName(next)) missing.Push(next);
        foreach (var next in missing) Directory.CreateDirectory(next, OwnDirectory);
    }

    /// <summary>Creates a directory and its missing parents, or revokes the access of others to an existing one.</summary>
    /// <exception cref="UnauthorizedAccessException">The directory belongs to another user.</exception>
    public static void ClaimDirectory(string path)
    {
        CreateDirectory(path);
        if (!OperatingSystem.IsWindows()) SetMode(path, OwnDirectory);
    }

    /// <summary>Revokes the access of others to a file.</summary>
    /// <exception cref="UnauthorizedAccessException">The file belongs to another user.</exception>
    public static void Claim(string file)
    {
        if (!OperatingSystem.IsWindows()) SetMode(file, OwnFile);
    }

    /// <summary>Creates a file that must not exist yet.</summary>
    public static FileStream CreateNew(string path, int bufferSize = 4096, FileOptions options = FileOptions.None, FileShare share = FileShare.None) =>
        Open(path, FileMode.CreateNew, bufferSize, options, share);

    /// <summary>Creates a file, replacing an existing file or link.</summary>
    public static FileStream Replace(string path, int bufferSize = 4096, FileOptions options = FileOptions.None, FileShare share = FileShare.None)
    {
        File.Delete(path);
        return CreateNew(path, bufferSize, options, share);
    }

    /// <summary>Opens a file to continue at its end, or creates it. An existing link is replaced.</summary>
    public static FileStream Append(string path, int bufferSize = 4096, FileOptions options = FileOptions.None, FileShare share = FileShare.None)
    {
        if (new FileInfo(path).LinkTarget is not null) File.Delete(path);
        var file = Open(path, FileMode.OpenOrCreate, bufferSize, options, share);
        file.Seek(0, SeekOrigin.End);
        return file;
    }

    /// <summary>Opens a file for this process alone, and creates it if it does not exist: a lock.</summary>
    /// <exception cref="IOException">Another process, or another part of this one, has the file open.</exception>
    public static FileStream OpenLock(string path) => Open(path, FileMode.OpenOrCreate, bufferSize: 0, FileOptions.None, FileShare.None);

    /// <summary>Writes a whole file, replacing an existing one.</summary>
    public static void WriteAllText(string path, string text) => WriteAllBytes(path, Encoding.UTF8.GetBytes(text));

    /// <summary>Writes a whole file, replacing an existing one.</summary>
    public static void WriteAllBytes(string path, ReadOnlySpan<byte> bytes)
    {
        using var file = Replace(path, bufferSize: 0);
        file.Write(bytes);
    }

    /// <summary>Copies a file to a new one, in a directory that is this user's alone.</summary>
    public static void Copy(string source, string path)
    {
        File.Copy(source, path, overwrite: false); // shares the blocks where the file system can
        Claim(path);
    }

    private static FileStream Open(string path, FileMode mode, int bufferSize, FileOptions options, FileShare share)
    {
        var how = new FileStreamOptions { Mode = mode, Access = FileAccess.ReadWrite, Share = share, BufferSize = bufferSize, Options = options };
        if (!OperatingSystem.IsWindows()) how.UnixCreateMode = OwnFile;
        return new FileStream(path, how);
    }

    // Only its owner may do that, so another user's file is detected, regardless of its mode.
    [UnsupportedOSPlatform("windows")]
    private static void SetMode(string path, UnixFileMode mode)
    {
        if (FileKind.IsOfAnotherUser(path)) throw new UnauthorizedAccessException($"'{path}' belongs to another user of this machine.");
        try
        {
            File.SetUnixFileMode(path, mode);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new UnauthorizedAccessException($"'{path}' belongs to another user of this machine.", error);
        }
    }
}
