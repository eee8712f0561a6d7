
namespace Sparkish.Input;

/// <summary>A file as the driver listed it. The file that a task opens must be the same.</summary>
/// <param name="Path">Its absolute path.</param>
/// <param name="Length">Its bytes; those of the target of a link.</param>
/// <param name="ModifiedTicks">When it was last written, in ticks of UTC.</param>
/// <param name="ListedTicks">The time of the listing, in ticks of UTC.</param>
internal sealed record InputFile(string Path, long Length, long ModifiedTicks, long ListedTicks)
{
    // A copy on another machine has its own time, so only a time later than the listing shows a change. File systems round their times.
    private static readonly long ClockTolerance = TimeSpan.FromSeconds(2).Ticks;

    /// <exception cref="SparkException">The path is not a regular file, or it cannot be inspected.</exception>
    public static InputFile List(string path, TimeProvider clock)
    {
        try
        {
            var listed = clock.GetUtcNow().UtcTicks;
            var info = Resolve(path);
            if (!FileKind.IsRegular(path)) throw new SparkException($"Cannot read the input {path}: it is not a regular file, so its size is not known. Copy it to a file.");
            if (info.Length == 0 && HasData(path))
                throw new SparkException($"Input {path} has data, but its size is given as 0, as in /proc: copy it to a regular file.");
            return new InputFile(path, info.Length, info.LastWriteTimeUtc.Ticks, listed);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SparkException($"Cannot inspect the input file {path}: {e.Message}", e);
        }
    }

    /// <summary>Opens it for a task.</summary>
    /// <exception cref="SparkException">The file cannot be opened, or it changed since it was listed.</exception>
    public FileStream Open()
    {
        var file = OpenOrThrow();
        try
        {
            ThrowIfChanged(file);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <exception cref="SparkException">The file changed since it was listed.</exception>
    public void ThrowIfChanged(FileStream file)
    {
        if (file.Length != Length)
            throw Changed($"it had {Length} bytes when it was listed and has {file.Length} now");
        var modified = File.GetLastWriteTimeUtc(file.SafeFileHandle).Ticks;
        if (modified != ModifiedTicks && modified > ListedTicks - ClockTolerance)
            throw Changed($"it was written at {new DateTime(modified, DateTimeKind.Utc):O}, after it was listed");
    }

    /// <summary>The error for data that cannot be read.</summary>
    public SparkException Unreadable(Exception cause) => new($"Cannot read the input file {Path}: {cause.Message}", cause);

    private static FileInfo Resolve(string path)
    {
        var info = new FileInfo(path);
        if (info.LinkTarget is null) return info;
        var target = (FileInfo)info.ResolveLinkTarget(returnFinalTarget: true)!;
        return target.Exists ? target : throw new SparkException($"Cannot read the input {path}: it is a link to {target.FullName}, which does not exist.");
    }

    private static bool HasData(string path)
    {
        using var file = File.OpenHandle(path);
        return RandomAccess.Read(file, stackalloc byte[1], 0) > 0;
    }

    private FileStream OpenOrThrow()
    {
        try
        {
            return new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new SparkException($"Input file {Path} is not on {Environment.MachineName}: it was there when the driver listed it. "
                + "Put input on a path that all workers share.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(e);
        }
    }

    private SparkException Changed(string how) => new($"Input file {Path} changed: {how}. Read files that are no longer written to, and run the job again.");
}
