using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Sparkish.Deploy.Worker.Processes;

/// <summary>Asks processes to stop by the platform's means.</summary>
internal static partial class UnixSignals
{
    private const int Sigterm = 15;

    /// <summary>Asks a process to stop (SIGTERM); on a platform without signals, kills it. An exited process is left alone.</summary>
    public static void Terminate(Process process)
    {
        if (process.HasExited) return;
        if (OperatingSystem.IsWindows()) process.Kill();
        else _ = Kill(process.Id, Sigterm);
    }

    /// <summary>Sends a signal by its number; false if there is no such process, or it is another user's.</summary>
    public static bool Send(int pid, int signal) => Kill(pid, signal) == 0;

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int pid, int signal);
}
