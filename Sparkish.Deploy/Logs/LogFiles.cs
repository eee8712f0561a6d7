using System.Globalization;

namespace Sparkish.Deploy.Logs;

/// <summary>
/// Reads the output of executors and drivers from a work directory, across files that are rolled meanwhile. It opens only <c>stdout</c>, <c>stderr</c> and
/// their rolled files, and follows no links: code of applications runs in these directories.
/// </summary>
/// <param name="workDirectory">The work directory of the worker.</param>
internal sealed class LogFiles(string workDirectory)
{
    private const int MaxRolled = 1000;
    private const int MaxTries = 5;

    /// <summary>Reads the next output.</summary>
    /// <param name="source">The process; its ids have been checked.</param>
    /// <param name="stream">Its stream.</param>
    /// <param name="from">The place where the last part ended; null for the oldest output that is kept.</param>
    /// <param name="maxBytes">The most bytes to return.</param>
    /// <returns>The part; null if there is no such output.</returns>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public LogPart? Read(LogSource source, LogStream stream, LogPosition? from, int maxBytes)
    {
        var directory = DirectoryOf(source);
        string[] made = source.Driver is null ? [directory, Path.GetDirectoryName(directory)!] : [directory]; // the work directory itself may be a link
        if (made.Any(static one => new DirectoryInfo(one).LinkTarget is not null)) return null;
        var path = Path.Combine(directory, stream == LogStream.Stdout ? "stdout" : "stderr");
        var files = Open(path);
        try
        {
            return files.Count == 0 ? null : Read(files, from, maxBytes);
        }
        finally
        {
            foreach (var file in files) file.Dispose();
        }
    }

    private string DirectoryOf(LogSource source) => source.Driver is { } driver
        ? Path.Combine(workDirectory, driver.Value)
        : Path.Combine(workDirectory, source.App!.Value.Value, source.Executor.ToString(CultureInfo.InvariantCulture));

    private static LogPart Read(List<LogFile> files, LogPosition? from, int maxBytes)
    {
        var index = from is null ? 0 : files.FindIndex(file => file.Id == from.File && file.Length >= from.Offset);
        var hasGap = index < 0;
        var offset = from is null || hasGap ? 0 : from.Offset;
        index = Math.Max(index, 0);

        // A file that has been rolled gets nothing more.
        for (; index < files.Count - 1 && offset >= files[index].Length; index++) offset = 0;
        var data = files[index].Read(offset, maxBytes);
        return new LogPart(Worker: null, data, new LogPosition(files[index].Id, offset + data.Length), hasGap);
    }

    /// <summary>Opens the files, the oldest first. If they are rolled meanwhile, it begins again.</summary>
    private static List<LogFile> Open(string path)
    {
        for (var attempt = 1; ; attempt++)
        {
            var files = new List<LogFile>();
            for (var number = RolledFiles(path); number >= 0; number--)
            {
                if (LogFile.TryOpen(number == 0 ? path : Rolled(path, number)) is { } file) files.Add(file);
            }

            if (files.DistinctBy(static file => file.Id, StringComparer.Ordinal).Count() == files.Count && files.TrueForAll(static file => file.IsStillThere))
                return files;
            if (attempt == MaxTries && files.Count > 0) return Newest(files);
            foreach (var file in files) file.Dispose();
            if (attempt == MaxTries) return [];
        }
    }

    // The output is rolled faster than it can be read: what is between the files is reported as a gap.
    private static List<LogFile> Newest(List<LogFile> files)
    {
        foreach (var file in files.SkipLast(1)) file.Dispose();
        return [files[^1]];
    }

    private static int RolledFiles(string path)
    {
        var number = 0;
        while (number < MaxRolled && File.Exists(Rolled(path, number + 1))) number++;
        return number;
    }

    private static string Rolled(string path, int number) => string.Create(CultureInfo.InvariantCulture, $"{path}.{number}");
}
