using Microsoft.Extensions.Logging;

namespace Sparkish.Security;

/// <summary>Reads small files that settings name.</summary>
internal static class SecurityFile
{
    private const int MaxBytes = 1 << 20;

    /// <summary>Reads a whole file.</summary>
    /// <param name="key">The setting that names it.</param>
    /// <param name="file">Its path.</param>
    /// <param name="log">Receives a warning if a private file is readable by others.</param>
    /// <param name="isPrivate">Whether only the owner should be able to read it.</param>
    /// <exception cref="SparkException">The file cannot be read; the message names key and file.</exception>
    public static byte[] Read(string key, string file, ILogger log, bool isPrivate)
    {
        try
        {
            using var stream = File.OpenRead(file);
            if (stream.Length > MaxBytes)
                throw new SparkException($"{key} is '{file}', a file of {stream.Length} bytes, but at most {MaxBytes} are allowed: name the right file.");
            if (isPrivate && !OperatingSystem.IsWindows()
                && (File.GetUnixFileMode(stream.SafeFileHandle) & (UnixFileMode.OtherRead | UnixFileMode.GroupRead)) != UnixFileMode.None)
                log.FileReadableByOthers(key, file);
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            var reason = error is FileNotFoundException or DirectoryNotFoundException
                ? "which does not exist"
                : $"which cannot be read ({error.Message.TrimEnd('.')})";
            throw new SparkException($"{key} is '{file}', {reason}: name a file that this process may read.", error);
        }
    }
}
