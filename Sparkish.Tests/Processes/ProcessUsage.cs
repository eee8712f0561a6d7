using System.Globalization;

namespace Sparkish.Tests.Processes;

/// <summary>What a process of Linux holds at a moment.</summary>
/// <param name="Files">Number of open file descriptors.</param>
/// <param name="Threads">Number of threads.</param>
/// <param name="MemoryMiB">Resident memory that belongs to no file.</param>
internal readonly record struct ProcessUsage(int Files, int Threads, double MemoryMiB)
{
    public static ProcessUsage Of(int process)
    {
        var status = File.ReadAllLines($"/proc/{process}/status");
        var files = Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Count();
        return new ProcessUsage(files, (int)Number(status, "Threads:"), Number(status, "RssAnon:") / 1024d);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Files} files, {Threads} threads, {MemoryMiB:F1} MiB");

    private static long Number(IEnumerable<string> status, string name)
    {
        var line = status.First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }
}
