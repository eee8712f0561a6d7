namespace Sparkish;

/// <summary>Makes files and directories that other users of the machine can neither read nor write.</summary>
internal static class PrivateFiles
{
    private const UnixFileMode FileMode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode DirectoryMode700 = FileMode600 | UnixFileMode.UserExecute;

    /// <summary>Makes a directory, and those above it that are missing, or takes the rights of others to one that is there.</summary>
    /// <exception cref="UnauthorizedAccessException">It belongs to another user.</exception>
    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        Directory.CreateDirectory(path, DirectoryMode700);

        SetMode(path, DirectoryMode700);
    }

    /// <summary>Takes the rights of others to a file.</summary>
    /// <exception cref="UnauthorizedAccessException">It belongs to another user.</exception>
    public static void Claim(string file)
    {
        if (!OperatingSystem.IsWindows()) SetMode(file, FileMode600);
    }

    /// <summary>Opens a file, which is private if it is made by that.</summary>
    public static FileStream Open(string file, FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows() && mode is not (FileMode.Open or FileMode.Truncate)) options.UnixCreateMode = FileMode600;
        return new FileStream(file, options);
    }

    // Only its owner may do that, so that another user's file is found out, whatever its mode is.
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void SetMode(string path, UnixFileMode mode)
    {
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
