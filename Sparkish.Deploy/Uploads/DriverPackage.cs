using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Sparkish.Deploy.Uploads;

/// <summary>
/// The package of an application: a ZIP archive with all files of its build output. Its content is input like any other: names are checked, links are not made,
/// and sizes are bounded when it is unpacked.
/// </summary>
internal static class DriverPackage
{
    private const int MaxFiles = 10_000;
    private const int MaxRatio = 100; // of unpacked to packed bytes
    private const long AlwaysAllowed = 64L << 20;
    private const int BufferSize = 128 << 10;

    // On some system or other.
    private static readonly SearchValues<char> Reserved = SearchValues.Create("\\:*?\"<>|");

    /// <summary>Packs the directory of a program and further files into one archive.</summary>
    /// <param name="program">The program; everything in its directory belongs to it.</param>
    /// <param name="files">Further files, which will be beside it.</param>
    /// <param name="archive">The archive to write.</param>
    /// <param name="maxBytes">The most bytes of all files together.</param>
    /// <exception cref="SparkException">A file is missing or has a name twice, or there are too many or too large ones.</exception>
    public static void Pack(string program, IReadOnlyList<string> files, string archive, long maxBytes)
    {
        var directory = Path.GetDirectoryName(Path.GetFullPath(program))!;
        var entries = Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Take(MaxFiles + 1)
            .ToDictionary(file => Path.GetRelativePath(directory, file).Replace(Path.DirectorySeparatorChar, '/'), static file => file, StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (!File.Exists(file)) throw new SparkException($"--files names '{file}', which does not exist: give files of this machine.");
            if (!entries.TryAdd(Path.GetFileName(file), file))
                throw new SparkException($"--files names '{file}', but the application or another file has that name, too: rename one.");
        }

        if (entries.Count > MaxFiles)
        {
            throw new SparkException(
                $"The directory of the application, '{directory}', has more than {MaxFiles} files, and all of them would be uploaded: give the .dll in its build output.");
        }

        if (entries.Keys.FirstOrDefault(static name => !IsPlainPath(name)) is { } odd)
            throw new SparkException($"The file '{odd}' of the application has a name that not all systems allow: rename it.");
        ThrowIfTooLarge(entries.Values.Sum(static file => new FileInfo(file).Length), directory, maxBytes);
        Write(entries, archive);
    }

    /// <summary>Returns the hash of an archive, as in its URL.</summary>
    public static string HashOf(string archive)
    {
        using var stream = File.OpenRead(archive);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>Unpacks an archive into a directory. Files there are replaced by those of the archive, and others stay.</summary>
    /// <exception cref="SparkException">It is not an archive of an application; the message names the reason.</exception>
    public static void Unpack(string archive, string directory)
    {
        try
        {
            using var zip = ZipFile.OpenRead(archive);
            if (zip.Entries.Count > MaxFiles) throw new SparkException($"The package of the application has more than {MaxFiles} files.");
            var left = Math.Max(AlwaysAllowed, new FileInfo(archive).Length * MaxRatio);
            foreach (var entry in zip.Entries) left = Unpack(entry, directory, left);
        }
        catch (InvalidDataException error)
        {
            throw new SparkException($"The package of the application is damaged: {error.Message}", error);
        }
    }

    /// <summary>Whether a path is relative, leads nowhere else, and is a path on all systems.</summary>
    public static bool IsPlainPath(string path) => path.Length is > 0 and <= 1024 && path.Split('/').All(static part =>
        part.Length is > 0 and <= 255 && part is not ("." or "..") && part[^1] != '.' && !part.AsSpan().ContainsAny(Reserved)
        && !part.Any(char.IsControl));

    private static void ThrowIfTooLarge(long bytes, string directory, long maxBytes)
    {
        if (bytes <= maxBytes) return;
        throw new SparkException(string.Create(CultureInfo.InvariantCulture,
            $"The application's directory '{directory}' and its --files have {bytes} bytes, but masters take at most {maxBytes}: ")
            + $"remove what does not belong to it, put large data on storage that workers reach, or raise {DeployKeys.UploadMaxSize.Key} of masters and of submit.");
    }

    private static void Write(Dictionary<string, string> entries, string archive)
    {
        using var stream = PrivateFiles.CreateNew(archive);
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create);
        foreach (var (name, file) in entries.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            // A fixed time: equal files have an equal hash, so that masters take them once.
            var entry = zip.CreateEntry(name, CompressionLevel.Fastest);
            entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using var target = entry.Open();
            using var source = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            source.CopyTo(target);
        }
    }

    private static long Unpack(ZipArchiveEntry entry, string directory, long left)
    {
        if (!IsPlainPath(entry.FullName)) throw new SparkException("The package of the application has a file whose path leads elsewhere.");
        var path = Path.Combine(directory, entry.FullName);
        PrivateFiles.CreateDirectory(Path.GetDirectoryName(path)!);
        using var source = entry.Open();
        using var target = PrivateFiles.Replace(path);
        var buffer = new byte[BufferSize];
        for (int read; (read = source.Read(buffer)) > 0;)
        {
            left -= read;
            if (left < 0) throw new SparkException($"The package of the application unpacks to more than {MaxRatio} times its size.");
            target.Write(buffer, 0, read);
        }

        return left;
    }
}
