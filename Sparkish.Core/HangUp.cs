using System.Runtime.InteropServices;

namespace Sparkish;

/// <summary>
/// Makes SIGHUP an orderly end, with status 129: without a handler it kills the process, and its temporary directories stay. A handler that cancels the signal
/// keeps its process, provided that it was registered later: the latest is called first. So what handles signals here calls <see cref="Watch"/> before.
/// SIGTERM is left alone: programs often handle it before they make an env, and would be ended before they are done.
/// </summary>
internal static class HangUp
{
    private const int Status = 129; // what a shell shows for a process that SIGHUP has killed

    private static readonly Lazy<PosixSignalRegistration> Registration = new(static () => PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal));

    /// <summary>Listens from now on. Twice is harmless.</summary>
    public static void Watch() => _ = Registration.Value;

    private static void OnSignal(PosixSignalContext signal)
    {
        if (signal.Cancel) return;
        signal.Cancel = true;
        new Thread(static () => Environment.Exit(Status)) { IsBackground = true, Name = "hang-up" }.UnsafeStart();
    }
}
