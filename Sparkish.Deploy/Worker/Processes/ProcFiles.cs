using System.Globalization;
using System.Text;

namespace Sparkish.Deploy.Worker.Processes;

/// <summary>Reads the files in which Linux describes processes. On other systems it finds none.</summary>
internal static class ProcFiles
{
    private const string Root = "/proc";

    // The fields of stat behind the name of the program.
    private const int State = 0;
    private const int StartTime = 19;

    /// <summary>Returns the ids of all processes.</summary>
    public static IEnumerable<int> Processes()
    {
        if (!OperatingSystem.IsLinux()) yield break;
        foreach (var entry in Directory.EnumerateDirectories(Root))
        {
            if (int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) yield return pid;
        }
    }

    /// <summary>Returns the environment with which a process was started; empty if it has ended or is another user's.</summary>
    public static IReadOnlyList<string> EnvironmentOf(int pid) => TryRead(pid, "environ")?.Split('\0') ?? [];

    /// <summary>Returns the time of a process's start, in ticks since the boot of the machine; null if it has ended.</summary>
    public static string? StartOf(int pid)
    {
        // The name of the program, in parentheses, may contain anything.
        if (TryRead(pid, "stat") is not { } stat || stat.LastIndexOf(')') is not (> 0 and var end)) return null;
        var fields = stat[(end + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return fields.Length > StartTime && fields[State] is not ("Z" or "X") ? fields[StartTime] : null;
    }

    /// <summary>Returns the namespace in which a process has its id; null if it has ended or is another user's.</summary>
    public static string? NamespaceOf(int pid)
    {
        try
        {
            return new FileInfo(PathOf(pid, "ns/pid")).LinkTarget;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? TryRead(int pid, string file)
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(PathOf(pid, file)));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string PathOf(int pid, string file) => string.Create(CultureInfo.InvariantCulture, $"{Root}/{pid}/{file}");
}
