using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Sparkish.Deploy.Worker.Drivers;

/// <summary>
/// Finds the processes of drivers by a variable in their environment, which processes that they start inherit. On systems without /proc there is none to find.
/// A wrapper ends with its worker by itself. What it started outlives it only if it was killed alone.
/// </summary>
internal static class DriverProcesses
{
    /// <summary>The variable that holds the directory of the driver; set for its wrapper and all that it starts.</summary>
    public const string DirectoryVariable = "SPARKISH_DRIVER_DIRECTORY";

    /// <summary>The variable that holds the process id of the wrapper; set for all that it starts.</summary>
    public const string WrapperVariable = "SPARKISH_DRIVER_WRAPPER";

    private const string Processes = "/proc";

    /// <summary>Kills the processes below a directory whose wrapper has ended.</summary>
    public static void KillOrphans(string directory, ILogger log)
    {
        if (!Directory.Exists(Processes)) return;
        foreach (var entry in Directory.EnumerateDirectories(Processes))
        {
            if (!int.TryParse(Path.GetFileName(entry), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) continue;
            var variables = EnvironmentOf(pid);
            if (Find(variables, DirectoryVariable) is not { } of || !IsWithin(of, directory) || Find(variables, WrapperVariable) is not { } wrapper) continue;
            if (int.TryParse(wrapper, NumberStyles.None, CultureInfo.InvariantCulture, out var parent) && IsWrapperOf(parent, of)) continue;
            if (TryKill(pid)) log.OrphanKilled(pid, of);
        }
    }

    private static bool IsWrapperOf(int pid, string directory)
    {
        var variables = EnvironmentOf(pid);
        return Find(variables, DirectoryVariable) == directory && Find(variables, WrapperVariable) is null;
    }

    private static bool IsWithin(string path, string directory) =>
        path == directory || path.StartsWith(directory + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static string? Find(string[] variables, string name) =>
        Array.Find(variables, variable => variable.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];

    private static string[] EnvironmentOf(int pid)
    {
        try
        {
            return Encoding.UTF8.GetString(File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"{Processes}/{pid}/environ"))).Split('\0');
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return []; // it has ended, or belongs to another user
        }
    }

    private static bool TryKill(int pid)
    {
        try
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
            return true;
        }
        catch (Exception error) when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false; // it has ended
        }
    }
}
