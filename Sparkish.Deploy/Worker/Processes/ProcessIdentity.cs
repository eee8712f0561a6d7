using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sparkish.Deploy.Worker.Processes;

/// <summary>A process of Linux. The time of its start distinguishes it from a later one with the same id.</summary>
internal readonly partial record struct ProcessIdentity(int Pid, string Start)
{
    private const int PidfdOpen = 434; // the numbers of these calls are the same on all processors
    private const int PidfdSendSignal = 424;
    private const int NoSuchProcess = 3; // ESRCH

    /// <summary>This process; null if the system does not tell.</summary>
    public static ProcessIdentity? Current => Find(Environment.ProcessId);

    /// <summary>Whether it still runs.</summary>
    public bool IsAlive => ProcFiles.StartOf(Pid) == Start;

    /// <summary>Returns the process that has an id now; null if there is none.</summary>
    public static ProcessIdentity? Find(int pid) => ProcFiles.StartOf(pid) is { } start ? new ProcessIdentity(pid, start) : null;

    /// <summary>Parses the output of <see cref="ToString"/>; null if the text is not valid.</summary>
    public static ProcessIdentity? TryParse(string? text) =>
        text?.Split(':') is [var pid, var start] && int.TryParse(pid, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new ProcessIdentity(number, start)
            : null;

    /// <summary>Sends a signal to this process, and never to a later one with the same id. Returns false if it has ended or is another user's.</summary>
    public bool Send(int signal)
    {
        using var handle = new SafeFileHandle((nint)Syscall(PidfdOpen, Pid, 0, 0, 0), ownsHandle: true);
        if (!handle.IsInvalid)
        {
            // The handle keeps to the process that had the id when it was opened, so the check holds until the signal is sent.
            return IsAlive && Syscall(PidfdSendSignal, handle.DangerousGetHandle(), signal, 0, 0) == 0;
        }

        // A kernel before 5.3, or a sandbox, does not have these calls.
        return Marshal.GetLastPInvokeError() != NoSuchProcess && IsAlive && UnixSignals.Send(Pid, signal);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pid}:{Start}");

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial long Syscall(long number, long first, long second, long third, long fourth);
}
