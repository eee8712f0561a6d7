using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Sparkish.Deploy.Worker;

/// <summary>Asks processes to end, as the platform does it.</summary>
internal static partial class UnixSignals
{
    private const int Sigterm = 15;

    /// <summary>Asks a process to end (SIGTERM); where there are no signals, ends it. One that has ended already is left alone.</summary>
    public static void Terminate(Process process)
    {
        if (process.HasExited) return;
        if (OperatingSystem.IsWindows()) process.Kill();
        else _ = Kill(process.Id, Sigterm);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int pid, int signal);
}
